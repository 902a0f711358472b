"""Constants of the step time as numbers or arrays: what a fit varies.

The catalogue's row (`catalog.calibration.StepConstants`) carries source and fit error as well;
here are only the values, so that each deployment of a mixed set can have its own.
"""

from dataclasses import dataclass, fields

from catalog.calibration import StepConstants
from recommender.sizing.number import Number


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


def constants_of(row: StepConstants) -> Constants:
    """The values of a catalogue row."""
    return Constants(**{field.name: getattr(row, field.name) for field in fields(Constants)})
