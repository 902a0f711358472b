"""Arrivals that come in clumps: what an arriving request finds beside it.

Gaps are gamma distributed with mean 1/lambda and coefficient of variation c, so their shape is
k = 1/c^2 and their scale t0 = c^2/lambda. Given an arrival now, the mean number of further ones
within w is the renewal function, the sum of P(j gaps <= w). With F = (w/t0)^k / Gamma(1 + k), the
chance of one gap below a short w, it starts as F/(1 - F), far above lambda*w for c > 1, and ends
as lambda*w + (c^2 - 1)/2 (Cox 1962); joined here by

    m(w) = lambda*w + min( max(F/(1 - F) - lambda*w, 0), (c^2 - 1)/2 )

Poisson arrivals, c = 1: m(w) = lambda*w. More regular ones (c < 1) are taken as Poisson here.
A process split over r queues at random has c_r^2 = 1 + (c^2 - 1)/r in each of them, and each finds
the clumps of the whole: both the number near to a request and its own rate are an r-th.
"""

from math import gamma

import numpy as np

from recommender.queueing.laws import Array


def clumping(window_s: Array, rate: Array, burstiness: float) -> Array | float:
    """m(w) / (lambda*w), at least 1, for `rate` in requests/s over all queues of the stream."""
    if burstiness <= 1.0:
        return 1.0
    square = burstiness**2
    poisson = rate * window_s + 1e-12
    short = (poisson / square) ** (1.0 / square) / gamma(1.0 + 1.0 / square)
    early = short / np.maximum(1.0 - short, 1e-6)
    extra = np.minimum(np.maximum(early - poisson, 0.0), 0.5 * (square - 1.0))
    ratio: Array = 1.0 + extra / poisson
    return ratio


def split_variability(burstiness: float, queues: Array) -> Array:
    """(1 + c_r^2) / 2: what renewal arrivals multiply waits by in heavy traffic (Kingman 1962)."""
    return 1.0 + 0.5 * (burstiness**2 - 1.0) / queues
