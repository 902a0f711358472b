"""What is fitted, in which range, starting where.

A fitted value moves between its limits on a logistic curve, so that no step leaves them:

    value = low + (high - low) / (1 + exp(-z))
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from recommender.performance.layout_table import Floats

SHARPNESS = 2.2


class Parameter(NamedTuple):
    """A constant of `StepConstants`: start and limits in its own unit.

    `exchange_ratio` is that of exchange_scale to collective_scale: dispatch and combine were fitted
    to few model families, and the next one does best with what all-reduces say of an engine.
    """

    name: str
    start: float
    low: float
    high: float
    prior: float = 2.0
    """Standard deviation of its position among engines together."""


PARAMETERS = (
    Parameter("bandwidth_share", 0.80, 0.30, 1.0),
    Parameter("compute_share", 0.65, 0.20, 1.0),
    Parameter("eight_bit_share", 0.80, 0.40, 1.1),
    Parameter("four_bit_share", 0.65, 0.30, 1.1),
    Parameter("expert_bandwidth_share", 0.80, 0.30, 1.0),
    Parameter("expert_compute_share", 0.50, 0.10, 1.0),
    Parameter("tile_tokens", 45.0, 1.0, 200.0),
    Parameter("kv_bandwidth_share", 0.80, 0.30, 1.0),
    Parameter("attention_compute_share", 0.50, 0.15, 1.0),
    Parameter("decode_attention_share", 0.50, 0.10, 1.0),
    Parameter("layer_s", 12e-6, 1e-6, 400e-6),
    Parameter("expert_layer_s", 20e-6, 1e-6, 150e-6),
    Parameter("step_s", 500e-6, 10e-6, 15e-3),
    Parameter("sequence_s", 5e-6, 10e-9, 150e-6),
    Parameter("prompt_layer_s", 40e-6, 1e-6, 3e-3),
    Parameter("collective_scale", 1.3, 0.4, 5.0),
    Parameter("exchange_ratio", 1.0, 0.4, 2.5, prior=1.0),
    Parameter("prompt_stretch", 1.3, 1.0, 3.0),
    Parameter("frontend_s", 0.030, 0.001, 0.4),
    Parameter("request_s", 0.003, 10e-6, 0.05),
    Parameter("waiting", 0.08, 0.005, 0.6),
    Parameter("yearly_gain", 0.10, -0.2, 1.0),
)
NAMES = tuple(parameter.name for parameter in PARAMETERS)
_LOW = np.array([parameter.low for parameter in PARAMETERS])
_SPAN = np.array([parameter.high - parameter.low for parameter in PARAMETERS])


def values_of(positions: Floats) -> Mapping[str, Floats]:
    """Constants by name at logistic positions, of which the last axis runs over the parameters."""
    fitted = dict(
        zip(NAMES, np.moveaxis(_LOW + _SPAN / (1 + np.exp(-positions)), -1, 0), strict=True)
    )
    ratio = fitted.pop("exchange_ratio")
    return {**fitted, "exchange_scale": ratio * fitted["collective_scale"]}


def start_positions() -> Floats:
    """Logistic positions of the start values, shape (parameters,)."""
    start = np.array([parameter.start for parameter in PARAMETERS])
    share = (start - _LOW) / _SPAN
    return np.asarray(np.log(share / (1 - share)))
