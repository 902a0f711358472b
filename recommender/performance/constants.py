"""Constants of the step time as numbers or arrays: what a fit varies.

The catalogue's row (`catalog.calibration.StepConstants`) carries source and fit error as well;
here are only the values, so that each deployment of a mixed set can have its own.

    share reached = s*f / (1 + (s*f/m)^8)^(1/8)    s: of the engine, f: of the architecture,
                                                   m: what any kernel reaches

which is s*f while that is well below m, and never exceeds m. Overheads of launches and steps are
multiplied by a factor of their own.

m is 1 for bandwidth and 0.85 for compute: of 45,000 measured matrix products of at least 4,096
rows on A100, H100, H200 and B200 (operator tables of aiconfigurator-core 0.12.0), nine tenths stay
below 0.49 to 0.92 of the datasheet's peak, by engine and format. Factors that were fitted to few
runs of one model family would otherwise promise prompts at the peak itself.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from catalog.calibration import ArchitectureFactor, Factors, StepConstants
from recommender.sizing.number import Number

CAP_SHARPNESS = 8.0
MOST_OF_COMPUTE = 0.85
MOST_OF_BANDWIDTH = 1.0
COMPUTE_SHARES = (
    "compute_share", "expert_compute_share", "attention_compute_share", "decode_attention_share",
)  # fmt: skip
BANDWIDTH_SHARES = ("bandwidth_share", "expert_bandwidth_share", "kv_bandwidth_share")
OVERHEADS = ("layer_s", "expert_layer_s", "step_s", "prompt_layer_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """Shares of peaks [1], overheads [s]; scalars or shape (n,). See `StepConstants`."""

    bandwidth_share: Number
    compute_share: Number
    eight_bit_share: Number
    four_bit_share: Number
    expert_bandwidth_share: Number
    expert_compute_share: Number
    tile_tokens: Number
    kv_bandwidth_share: Number
    attention_compute_share: Number
    decode_attention_share: Number
    layer_s: Number
    expert_layer_s: Number
    step_s: Number
    sequence_s: Number
    collective_scale: Number
    exchange_scale: Number
    sharpness: Number
    prompt_layer_s: Number = 0.0


def constants_of(
    row: StepConstants, architecture: ArchitectureFactor | Factors | None = None
) -> Constants:
    """The values of a catalogue row with the factors of an accelerator architecture."""
    values = Constants(**{field.name: getattr(row, field.name) for field in fields(Constants)})
    if architecture is None:
        return on_architecture(
            values, compute_factor=1.0, bandwidth_factor=1.0, overhead_factor=1.0
        )
    return on_architecture(
        values,
        compute_factor=architecture.compute_factor,
        bandwidth_factor=architecture.bandwidth_factor,
        overhead_factor=architecture.overhead_factor,
    )


def on_architecture(
    constants: Constants,
    *,
    compute_factor: Number,
    bandwidth_factor: Number,
    overhead_factor: Number,
) -> Constants:
    """The constants with the shares that an architecture reaches and its overheads."""
    reached: dict[str, Number] = {}
    for name in COMPUTE_SHARES:
        reached[name] = _capped(getattr(constants, name) * compute_factor, MOST_OF_COMPUTE)
    for name in BANDWIDTH_SHARES:
        reached[name] = _capped(getattr(constants, name) * bandwidth_factor, MOST_OF_BANDWIDTH)
    for name in OVERHEADS:
        reached[name] = getattr(constants, name) * overhead_factor
    return replace(constants, **reached)


def _capped(share: Number, most: float) -> Number:
    return share / (1 + (share / most) ** CAP_SHARPNESS) ** (1 / CAP_SHARPNESS)


def take_rows(constants: Constants, index: npt.NDArray[np.intp]) -> Constants:
    """Those of the rows at these positions; a number is that of all rows."""
    found = {field.name: getattr(constants, field.name) for field in fields(Constants)}
    return Constants(**{name: row_values(value, index) for name, value in found.items()})


def row_values(value: Number, index: npt.NDArray[np.intp]) -> Number:
    """The values of some rows, of one for each or of one for all."""
    return value[index] if isinstance(value, np.ndarray) and value.ndim else value
