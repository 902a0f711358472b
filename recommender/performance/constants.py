"""Constants of the step time as numbers or arrays: what a fit varies.

The catalogue's row (`catalog.calibration.StepConstants`) carries source and fit error as well;
here are only the values, so that each deployment of a mixed set can have its own.

    share reached = s*f / (1 + (s*f)^8)^(1/8)      s: of the engine, f: of the architecture

which is s*f while that is well below 1, and never exceeds 1. Overheads of launches and steps are
multiplied by a factor of their own.
"""

from dataclasses import dataclass, fields, replace

from catalog.calibration import ArchitectureFactor, Factors, StepConstants
from recommender.sizing.number import Number

CAP_SHARPNESS = 8.0
COMPUTE_SHARES = ("compute_share", "expert_compute_share", "attention_compute_share")
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
    layer_s: Number
    expert_layer_s: Number
    step_s: Number
    sequence_s: Number
    collective_scale: Number
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
    reached = {name: _capped(getattr(constants, name) * compute_factor) for name in COMPUTE_SHARES}
    for name in BANDWIDTH_SHARES:
        reached[name] = _capped(getattr(constants, name) * bandwidth_factor)
    for name in OVERHEADS:
        reached[name] = getattr(constants, name) * overhead_factor
    return replace(constants, **reached)


def _capped(share: Number) -> Number:
    return share / (1 + share**CAP_SHARPNESS) ** (1 / CAP_SHARPNESS)
