"""Tail probabilities and quantiles of the normal and the gamma distribution, by numpy alone.

P(Z > z)      1 / (1 + exp(c1*z + c3*z^3 + c5*z^5 + c7*z^7)), fitted to the logarithm of the tail:
              relative error below 0.4 % for |z| < 4 and 0.7 % for |z| < 6
P(Gamma > t)  Wilson and Hilferty (1931): (Gamma / mean)^(1/3) is nearly normal with mean
              1 - 1/(9k) and variance 1/(9k), k = mean^2 / variance

A `Tail` is P(X > t) as a function of t: percentiles are looked for at many t, and what does not
depend on t is computed once.
"""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from recommender.queueing.laws import Array

Tail = Callable[[Array], Array]

_C1, _C3, _C5, _C7 = 1.5939633727, 0.0752110238, -9.3359208e-4, 7.837137563e-6
_FARTHEST = 9.0
_TINY = 1e-30
_HEAVY = 1.6


def normal_tail(z: Array) -> Array:
    """P(Z > z) of the standard normal distribution."""
    near = np.minimum(np.maximum(z, -_FARTHEST), _FARTHEST)
    square = near * near
    odds = square * _C7  # in place from here: fresh memory costs more than the arithmetic
    odds += _C5
    odds *= square
    odds += _C3
    odds *= square
    odds += _C1
    odds *= near
    np.exp(odds, out=odds)
    odds += 1.0
    return np.reciprocal(odds, out=odds)


def gamma_tail(t: Array, *, mean: Array, variance: Array) -> Array:
    """P(X > t) for a positive variable with this mean and variance (`gamma_law`); 1 for t < 0."""
    return gamma_law(mean=mean, variance=variance)(t)


def gamma_law(*, mean: Array, variance: Array) -> Tail:
    """The tail of a positive variable with this mean and variance.

    A gamma variable; a lognormal one where the variance exceeds 1.6 * mean^2: there the cube root
    fails, and times with so heavy a tail come from prompts whose lengths are near lognormal. The
    two agree at the 99th percentile within 2 % for relative variances from 1 to 2.
    """
    ninth = variance / (9.0 * mean * mean)
    ninth += _TINY
    root = np.sqrt(ninth)
    is_heavy = ninth > _HEAVY / 9.0
    any_heavy = bool(is_heavy.any())

    def tail(t: Array) -> Array:
        share = t / mean
        np.maximum(share, 0.0, out=share)
        z = np.cbrt(share)
        z -= 1.0
        z += ninth
        z /= root
        if any_heavy:
            heavy = np.broadcast_to(is_heavy, z.shape)
            relative = 9.0 * np.broadcast_to(ninth, z.shape)[heavy]
            log_variance = np.log1p(relative)
            z[heavy] = (np.log(share[heavy] + _TINY) + 0.5 * log_variance) / np.sqrt(log_variance)
        found = normal_tail(z)
        found[share <= 0.0] = 1.0
        return found

    return tail


def stalled_tail(
    t: Array, *, quiet: tuple[Array, Array], stalls: Array, stall: tuple[Array, Array]
) -> Array:
    """P(quiet time + compound Poisson stalls > t), see `stalled_law`."""
    return stalled_law(quiet=quiet, stalls=stalls, stall=stall)(t)


def stalled_law(*, quiet: tuple[Array, Array], stalls: Array, stall: tuple[Array, Array]) -> Tail:
    """The tail of a quiet time and stalls that come as a compound Poisson process.

    Mean and variance of the quiet time, mean and mean square of a stall. With probability
    exp(-stalls) there is none; otherwise the sum is a gamma variable.
    """
    none = np.exp(-stalls)
    some = 1.0 - none + 1e-12
    mean = stalls * stall[0] / some
    square = (stalls * stall[1] + (stalls * stall[0]) ** 2) / some
    variance = np.maximum(square - mean**2, 0.0) + quiet[1]
    undisturbed = gamma_law(mean=quiet[0], variance=quiet[1])
    disturbed = gamma_law(mean=quiet[0] + mean, variance=variance)
    return lambda t: none * undisturbed(t) + some * disturbed(t)


def normal_quantile(probability: float) -> float:
    """z with P(Z <= z) = probability."""
    return NormalDist().inv_cdf(probability)


def largest_of_normals(count: Array) -> Array:
    """Expected maximum of `count` standard normal variables (Blom 1958); 0 for one."""
    distinct, inverse = np.unique(count, return_inverse=True)
    blom = [normal_quantile((k - 0.375) / (k + 0.25)) for k in distinct]
    return np.array(blom, dtype=np.float64)[inverse]
