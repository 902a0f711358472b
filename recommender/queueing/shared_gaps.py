"""Gaps between the requests that a replica gets of a stream of renewal arrivals.

A stream has gamma gaps of mean 1/Q and coefficient of variation c, so of shape 1/c^2. A replica
gets each request with probability p. Between two of its own lie N gaps of the stream, and sums of
gamma variables of one scale are gamma again, which makes a draw exact without drawing the stream:

    P(N = n) = p*(1 - p)^(n - 1)            gap = p*c^2 * Gamma(shape N/c^2)      mean 1

A search for a rate (`simulated_rate`) compares runs whose shares differ a little: they should meet
nearly the same arrivals. So N is drawn by inversion, and Gamma by a rejection whose tries take the
same random numbers at every share (Marsaglia and Tsang 2000):

    Gamma(s + 1) = d*v,    d = s + 2/3,   v = (1 + x/(3*sqrt(d)))^3,    x normal, kept where
    log(u) < x^2/2 + d*(1 - v + log(v));          Gamma(s) = Gamma(s + 1) * w^(1/s);   u, w uniform

Symbol   Meaning                                                                   Unit
c        burstiness of the stream                                                  -
p        share of the stream                                                       -
"""

import numpy as np

from recommender.queueing.state import Floats

_STREAM_OF_SEEDS = 11
"""Keeps these numbers apart from those of lengths and ranks, which have the same seed."""


def shared_gaps(count: int, *, seed: int, burstiness: float, share: float) -> Floats:
    """`count` gaps of mean 1, for a share below 1 of a stream that is not Poisson."""
    random = np.random.default_rng([seed, _STREAM_OF_SEEDS])
    between = np.ceil(np.log(1.0 - random.random(count)) / np.log1p(-share))
    shape = np.maximum(between, 1.0) / burstiness**2
    return share * burstiness**2 * _gamma(shape, random)


def _gamma(shape: Floats, random: np.random.Generator) -> Floats:
    """Standard gamma variables of these shapes, near to each other for near shapes."""
    less = np.log(1.0 - random.random(shape.size)) / shape
    d = shape + 2.0 / 3.0
    found = np.zeros_like(shape)
    open_ = np.ones(shape.size, dtype=np.bool_)
    while open_.any():
        x, u = random.standard_normal(shape.size), random.random(shape.size)
        v = (1.0 + x / (3.0 * np.sqrt(d))) ** 3
        with np.errstate(invalid="ignore", divide="ignore"):
            kept = (v > 0.0) & (np.log(u) < 0.5 * x * x + d * (1.0 - v + np.log(v)))
        found = np.where(open_ & kept, d * v, found)
        open_ &= ~kept
    return found * np.exp(less)
