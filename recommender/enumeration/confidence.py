"""Margin for model error: step times at a confidence.

    log(measured / predicted) ~ Normal(0, s)      factor = exp(z(confidence) * s)

Symbol         Meaning                                                     Unit
s              rel_error of the step law                                   1
z(confidence)  quantile of the standard normal; 0 at 50 %                  1

A replica is as slow as predicted, times the factor, or faster, with that confidence. It is the
only margin for model error anywhere (docs/decisions.md).
"""

from statistics import NormalDist

import numpy as np

from recommender.performance.step_law import Number


def confidence_factor(rel_error: Number, *, confidence: float) -> Number:
    """Factor on all step times."""
    z = NormalDist().inv_cdf(confidence)
    factor = np.exp(z * np.asarray(rel_error))
    return factor if np.ndim(rel_error) else float(factor)
