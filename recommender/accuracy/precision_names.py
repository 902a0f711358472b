"""Number formats of measurement rows: bits stored, and the format that the matrix units see.

A format that the accelerator has no matrix units for is stored as it is and computed in 16
bits (weight-only); a blank format is 16 bits, or that of the model's published checkpoint.
"""

from dataclasses import dataclass
from functools import lru_cache

from catalog.schema import Accelerator, LanguageModel
from recommender.performance.layout_table import PEAK_FIELDS

_NAMES = (
    (("fp32", "float32"), "fp32"),
    (("mxfp8", "fp8", "w8a8-fp8"), "fp8"),
    (("int8", "w8a8", "compressed-tensors"), "int8"),
    (("mxfp4",), "mxfp4"),
    (("nvfp4", "fp4"), "fp4"),
    (("iq2",), "iq2"),
    (("iq4",), "iq4"),
    (("q4_k_s", "q4_0"), "q4_k_s"),
    (("q5_k_m",), "q5_k_m"),
    (("q8_0",), "q8_0"),
    (("q6_k",), "q6_k"),
    (("q5_k",), "q5_k"),
    (("q4_",), "q4_k"),
    (("q3_",), "q3_k"),
    (("q2_",), "q2_k"),
    (("int4", "uint4", "4-bit", "w4a16", "awq", "gptq"), "int4"),
)
_SIXTEEN = ("bf16", "bfloat16", "fp16", "f16", "float16", "half", "16-bit")
BITS = {
    "fp32": 32.0, "bf16": 16.0, "fp8": 8.0, "int8": 8.0, "mxfp4": 4.25, "fp4": 4.5, "int4": 4.156,
    "q8_0": 8.5, "q6_k": 6.56, "q5_k": 5.5, "q5_k_m": 5.67, "q4_k": 4.85, "q4_k_s": 4.58,
    "iq4": 4.25, "q3_k": 3.9, "q2_k": 2.95, "iq2": 2.31,
}  # fmt: skip
"""Bits per weight with scales: format definitions; GGUF files as published (mixed formats)."""
_COMPUTE = {
    "fp32": ("tf32", "fp32"), "fp8": ("fp8",), "int8": ("int8",), "fp4": ("fp4",),
    "mxfp4": ("fp4",),
}  # fmt: skip
SIXTEEN_BITS = ("bf16", "fp16", "fp32")


@dataclass(frozen=True, slots=True)
class Format:
    """How weights are stored and computed."""

    name: str
    bytes_per_weight: float
    compute: str
    """Peak that limits, a key of `PEAK_FIELDS`; empty when the catalogue holds none."""


@lru_cache(maxsize=256)
def precision_name(text: str) -> str:
    """The plain name of a published precision; 16 bits where it says nothing else."""
    lowered = text.casefold()
    for spellings, name in _NAMES:
        if any(spelling in lowered for spelling in spellings):
            return name
    return "bf16"


@lru_cache(maxsize=256)
def is_known_precision(text: str) -> bool:
    """Whether a published precision says which format it is; a blank one need not."""
    lowered = text.casefold()
    spelled = (*_SIXTEEN, *(spelling for spellings, _ in _NAMES for spelling in spellings))
    return not text or any(spelling in lowered for spelling in spelled)


def weight_format(text: str, model: LanguageModel, accelerator: Accelerator) -> Format:
    """Storage and compute format of weights on an accelerator."""
    name = precision_name(text or model.native_precision)
    wanted = (*_COMPUTE.get(name, ()), *SIXTEEN_BITS)
    compute = next(
        (key for key in wanted if getattr(accelerator, PEAK_FIELDS[key]) is not None), ""
    )
    return Format(name=name, bytes_per_weight=BITS[name] / 8, compute=compute)


def kv_bytes(text: str, *, engine: str, weights: str) -> float:
    """Bytes per element of the KV cache; blank follows the engine's documented default."""
    if text:
        return BITS[precision_name(text)] / 8
    reduced = engine in ("trtllm", "tensorrt") and weights in ("fp8", "fp4", "mxfp4")
    return 1.0 if reduced else 2.0
