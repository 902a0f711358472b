"""Quantiles of errors in multiples of their size, so that nine of ten new rows are covered.

    r_i = e_i / s_i, s_i from a fit without the fold of row i, e_i beyond the reach of its room
    low, high = the (alpha/2)(n+1)-th smallest and the (alpha/2)(n+1)-th largest r

Split-conformal prediction, cross-fitted (Lei et al. 2018; Vovk, Cross-conformal predictors, 2015).
Plans ask how much slower than predicted a step may be: their deviation is the 80th percentile of r
(of a rate, minus the 20th) in deviations of a Laplace distribution, 0.648
(`recommender.enumeration.confidence`), so that a margin at the default confidence is the 80th
percentile of errors that were held out.

Rows of a fold are alike: a model family, an accelerator, a configuration. Coverage is reported for
each fold by quantiles of the others. Rows that err together break the exchangeability that the
quantiles rest on: where fewer than LEAST_COVERED of them were covered in that way, both ends are
moved out by the factor that covers as many.
"""

from dataclasses import dataclass

import numpy as np

from recommender.accuracy.fit.spread_fit import Sample, Spread, fit_spread
from recommender.enumeration.confidence import deviations
from recommender.performance.layout_table import Floats

MISSED = 0.10
"""Share of rows that may lie outside, half of them on either side."""
LEAST_COVERED = 0.85
"""Of held-out rows, by intervals from other folds."""
FEWEST_ROWS = 10
SLOW = 0.80
"""Percentile that plans' deviations are taken from: the default confidence."""
RATES = ("throughput",)
"""Kinds that are lower where a deployment is slower than predicted."""
SMALLEST = 0.01
"""Least reach of an interval to either side of the prediction, of its logarithm."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Sizes of errors with their quantiles, and how the intervals would have fared."""

    spread: Spread
    low: float
    high: float
    """In multiples of the size."""
    slow: float
    """Standard deviation on the slow side, in multiples of the size."""
    ends: Floats
    """Interval of each row from rows of other folds, of log(measured / predicted) beyond what the
    room in the cache explains, shape (n, 2).
    """


def calibrated(sample: Sample, kind: str = "tpot") -> Calibrated:
    """Intervals of a sample of this kind of quantity.

    Raises
    ------
    ValueError
        Fewer than 10 rows: their quantiles would say nothing.
    """
    if len(sample) < FEWEST_ROWS:
        raise ValueError(f"{len(sample)} rows; an interval needs {FEWEST_ROWS}")
    sizes = _held_out_sizes(sample)
    ratios = sample.beyond / sizes
    ends = np.empty((len(sample), 2))
    for way, fold in _folds(sample):
        scored = (sample.way == way) & (sample.fold[:, way] == fold)
        others = ratios[sample.fold[:, way] != fold]
        low, high = quantiles(others if len(others) >= FEWEST_ROWS else ratios)
        ends[scored] = np.outer(sizes[scored], [low, high])
    ends = np.column_stack([np.minimum(ends[:, 0], -SMALLEST), np.maximum(ends[:, 1], SMALLEST)])
    moved = _moved_out(sample.beyond, ends)
    low, high = moved * np.array(quantiles(ratios))
    slower = -ratios if kind in RATES else ratios
    slow = max(float(np.quantile(slower, SLOW)) / deviations(SLOW), SMALLEST)
    return Calibrated(fit_spread(sample), float(low), float(high), slow, moved * ends)


def _moved_out(errors: Floats, ends: Floats) -> float:
    """The least factor, 1 or more, by which intervals cover LEAST_COVERED of these errors."""
    needed = np.sort(np.maximum(errors / ends[:, 0], errors / ends[:, 1]))
    return max(float(needed[int(np.ceil(LEAST_COVERED * len(needed))) - 1]), 1.0)


def quantiles(ratios: Floats, missed: float = MISSED) -> tuple[float, float]:
    """Ends between which a new ratio lies with probability 1 - `missed`, of n exchangeable ones.

    Where there are too few for that, their extremes.
    """
    ordered = np.sort(ratios)
    rank = max(int(np.floor((len(ordered) + 1) * missed / 2)), 1)
    return float(ordered[rank - 1]), float(ordered[-rank])


def _folds(sample: Sample) -> list[tuple[int, int]]:
    """(way, fold) of all rows."""
    own = sample.fold[np.arange(len(sample)), sample.way]
    return sorted({(int(way), int(fold)) for way, fold in zip(sample.way, own, strict=True)})


def _held_out_sizes(sample: Sample) -> Floats:
    """Size of each row's error by a fit without the rows of its fold, shape (n,)."""
    sizes = np.empty(len(sample))
    for way, fold in _folds(sample):
        inside = sample.fold[:, way] == fold
        scored = np.flatnonzero(inside & (sample.way == way))
        seen = np.flatnonzero(~inside)
        spread = fit_spread(sample.take(seen) if len(seen) >= FEWEST_ROWS else sample)
        sizes[scored] = spread.sizes(sample.take(scored))
    return sizes
