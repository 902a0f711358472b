"""Margin for model error: step times at a confidence.

    log(measured / predicted) ~ Laplace(0, s / sqrt(2))      factor = exp(z(c) * s)
    z(c) = -ln(2*(1 - c)) / sqrt(2)   for c >= 1/2,   ln(2*c) / sqrt(2)   below

Symbol  Meaning                                                              Unit
s       rel_error of the step law: a standard deviation                      1
c       confidence                                                           1
z(c)    quantile of the Laplace distribution of unit deviation: 0 at 50 %,
        0.648 at 80 %, 1.63 at 95 %                                          1

A replica is as slow as predicted, times the factor, or faster, with that confidence. Held-out
errors are peaked with heavy tails: of step times the 95th percentile is 2.2 to 2.5 times the 80th,
of a Laplace distribution 2.5 times, of a Gaussian 1.95 times. It is the only margin for model error
anywhere (docs/decisions.md).
"""

import math

import numpy as np

from recommender.performance.step_law import Number


def confidence_factor(rel_error: Number, *, confidence: float) -> Number:
    """Factor on all step times."""
    factor = np.exp(deviations(confidence) * np.asarray(rel_error))
    return factor if np.ndim(rel_error) else float(factor)


def deviations(confidence: float) -> float:
    """Standard deviations above the centre that a confidence between 0 and 1 asks for: z(c)."""
    if confidence >= 0.5:
        return -math.log(2.0 * (1.0 - confidence)) / math.sqrt(2.0)
    return math.log(2.0 * confidence) / math.sqrt(2.0)
