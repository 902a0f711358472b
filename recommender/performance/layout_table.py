"""Layouts as columns: one array per setting, so that thousands are computed at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.schema import Accelerator, Precision, Support
from recommender.errors import MissingData
from recommender.layout import Layout
from recommender.units import BITS_PER_BYTE, TERA

Floats = npt.NDArray[np.float64]

PEAK_FIELDS = {
    "fp32": "fp32_tflops",
    "tf32": "tf32_tflops",
    "fp16": "fp16_tflops",
    "bf16": "bf16_tflops",
    "fp8": "fp8_tflops",
    "int8": "int8_tops",
    "fp4": "fp4_tflops",
    "int4": "int4_tops",
}


FORMAT_BITS = {
    "fp32": 32.0, "tf32": 32.0, "fp16": 16.0, "bf16": 16.0, "fp8": 8.0, "int8": 8.0, "fp4": 4.0,
    "int4": 4.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayoutTable:
    """Columns of shape (n,); bytes per parameter or element [B], peaks dense [FLOP/s]."""

    tp: Floats
    pp: Floats
    adp: Floats
    ep: Floats
    max_batch: Floats
    chunk_tokens: Floats
    weight_bytes: Floats
    kv_element_bytes: Floats
    flop_per_s: Floats
    """Peak of the format that the matrix units compute in."""
    compute_bits: Floats
    """Bits of that format: 32, 16, 8 or 4."""

    def __len__(self) -> int:
        return len(self.tp)

    @property
    def stage_accelerators(self) -> Floats:
        """Accelerators of one pipeline stage [count]."""
        return self.tp * self.adp


def layout_table(
    layouts: Sequence[Layout],
    *,
    accelerator: Accelerator,
    precisions: Mapping[str, Precision],
    support: Mapping[str, Support],
) -> LayoutTable:
    """Columns of these layouts on an accelerator.

    `precisions` and `support` by name of the weight precision; KV precisions are looked up in
    `precisions` as well.

    Raises
    ------
    MissingData
        A precision without a row, or an accelerator without the peak of the compute format.
    """
    weight_bytes = {name: row.weight_bits / BITS_PER_BYTE for name, row in precisions.items()}
    used = {layout.precision for layout in layouts}
    missing = (used | {layout.kv_precision for layout in layouts}) - weight_bytes.keys()
    missing |= used - support.keys()
    if missing:
        raise MissingData(f"no precision or support row for {', '.join(sorted(missing))}")
    peaks = {
        name: peak_flop_per_s(accelerator, compute_format=support[name].compute_format)
        for name in used
    }
    return LayoutTable(
        tp=np.array([layout.tp for layout in layouts], dtype=np.float64),
        pp=np.array([layout.pp for layout in layouts], dtype=np.float64),
        adp=np.array([layout.adp for layout in layouts], dtype=np.float64),
        ep=np.array([layout.ep for layout in layouts], dtype=np.float64),
        max_batch=np.array([layout.max_batch for layout in layouts], dtype=np.float64),
        chunk_tokens=np.array([layout.chunk_tokens for layout in layouts], dtype=np.float64),
        weight_bytes=np.array([weight_bytes[layout.precision] for layout in layouts]),
        kv_element_bytes=np.array([weight_bytes[layout.kv_precision] for layout in layouts]),
        flop_per_s=np.array([peaks[layout.precision] for layout in layouts]),
        compute_bits=np.array(
            [FORMAT_BITS[support[layout.precision].compute_format] for layout in layouts]
        ),
    )


def peak_flop_per_s(accelerator: Accelerator, *, compute_format: str) -> float:
    """Dense peak of a matrix format [FLOP/s].

    Raises
    ------
    MissingData
        The catalogue holds no peak of that format for the accelerator.
    """
    teraflops = getattr(accelerator, PEAK_FIELDS.get(compute_format, ""), None)
    if teraflops is None:
        raise MissingData(f"{accelerator.name}: no {compute_format} peak in the catalogue")
    return float(teraflops) * TERA


def sixteen_bit_flop_per_s(accelerator: Accelerator) -> float:
    """Dense peak of 16-bit matrix units, or of 32-bit ones where there are none [FLOP/s]."""
    for compute_format in ("bf16", "fp16", "fp32"):
        if getattr(accelerator, PEAK_FIELDS[compute_format]) is not None:
            return peak_flop_per_s(accelerator, compute_format=compute_format)
    raise MissingData(f"{accelerator.name}: no 16-bit or 32-bit peak in the catalogue")
