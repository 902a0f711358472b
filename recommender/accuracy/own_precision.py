"""Precisions that an overlay adds or changes: their bits and what the matrix units compute in.

    bytes per weight = weight_bits / 8
    compute format   = that of the overlay's row of `support` for engine and architecture, else
                       the widest format of at most `activation_bits` that the accelerator has,
                       else 16 bits

Plans take them alike, but need the row of `support`.
Their names count as they are written, by name or alias, before any published spelling: `fp6-int4`
of an overlay is not int4.
"""

from catalog.schema import Accelerator, Precision, Support
from recommender.accuracy.precision_names import SIXTEEN_BITS, Format
from recommender.performance.layout_table import PEAK_FIELDS
from recommender.units import BITS_PER_BYTE

_BY_ACTIVATIONS = ((4.0, ("fp4", "int4")), (8.0, ("fp8", "int8")))
"""Bits of activations, and matrix formats of as many."""


def own_format(row: Precision, accelerator: Accelerator, support: Support | None) -> Format:
    """Storage and compute format of an own precision on an accelerator."""
    wanted = (support.compute_format,) if support is not None else _of_activations(row)
    has = (name for name in (*wanted, *SIXTEEN_BITS) if _peak(accelerator, name) is not None)
    return Format(row.name, row.weight_bits / BITS_PER_BYTE, next(has, ""))


def own_format_in_words(row: Precision, weights: Format) -> str:
    """What is assumed of it: `format int3 of the overlay: 3.25 bits, computed in bf16, ...`."""
    return (
        f"format {row.name} of the overlay: {row.weight_bits:g} bits, computed in"
        f" {weights.compute}, kernels as those of measured formats"
    )


def _of_activations(row: Precision) -> tuple[str, ...]:
    return next((names for bits, names in _BY_ACTIVATIONS if row.activation_bits <= bits), ())


def _peak(accelerator: Accelerator, compute: str) -> float | None:
    field = PEAK_FIELDS.get(compute)
    return None if field is None else getattr(accelerator, field)
