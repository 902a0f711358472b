"""How wide the errors of a deployment are, from its own runs after their correction.

    s_i     log(measured time / predicted time) of row i, corrected constants
    r_i  =  s_i - median of s over the rows that are not held out with i
    slow =  the ceil(0.8 (n + 1))-th smallest of n values r, over z(80 %), at least 0
    low, high = the floor(0.05 (n + 1))-th smallest and largest of -r or r

Symbol  Meaning                                                              Unit
n       runs of the deployment: rows of other lengths or another load; of rows of one run the one
        that is furthest off stands for all
z       quantile of a Laplace distribution (`recommender.enumeration.confidence`)  1

The constants were scaled by the median of all rows (`own_runs`), so that the median without some of
them is the scale that those would have been predicted with: exactly where all times are scaled, and
to first order where parts of them are not (`own_silicon`). Runs of a day on a node are alike, so
they are held out together: all of a configuration where the same scale has several, else all of
equal lengths where there are several, else one by one.

Ranks are those of split-conformal prediction (Lei et al., JASA 2018): a new run lies beyond the
rank with a probability of at most 20 % (5 % to either side), in the mean over sets of runs. What
the k-th smallest of one set covers scatters, as Beta(k, n + 1 - k). Fewer than 10 runs claim
nothing: the worst of 4, which the rank alone would ask for, covers less than 60 % in 0.6^4 = 13 %
of all sets, the ninth of 10 in 10 * 0.6^9 * 0.4 + 0.6^10 = 5 %. Ends need 19, the first n with a
rank of 1.

Runs of one day on one node say nothing of the next. No claim is below 0.75 of what the shipped
`known` configurations of its group have. With that floor, ten random runs of each of 96 published
deployments covered the others of it more often than the shipped errors do (89 against 86 %), and
where nothing was fitted to their silicon as often (86 %); without it 86 and 85 %
(`benchmarks/own_run_margins.py`).
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.accuracy.fit.conformal import MISSED, SLOW, quantiles
from recommender.enumeration.confidence import deviations
from recommender.performance.layout_table import Floats

FEWEST_RUNS = 10
FEWEST_FOR_ENDS = 19
FLOOR = 0.75


@dataclass(frozen=True, slots=True)
class OwnMargin:
    """Error of one deployment by its own runs, before any floor."""

    runs: int
    slow: float
    """Standard deviation on the slow side."""
    ends: tuple[float, float] | None
    """5th and 95th percentile of log(measured time / predicted time); None of too few runs."""


def held_out(slowness: Floats, folds: Sequence[Hashable]) -> Floats:
    """r of each row, shape (n,); nothing is left to compare with where all rows are one fold."""
    names = {name: index for index, name in enumerate(dict.fromkeys(folds))}
    numbers = np.array([names[fold] for fold in folds])
    if len(names) < 2:
        return slowness - np.median(slowness)
    without = np.array([np.median(slowness[numbers != index]) for index in range(len(names))])
    return np.asarray(slowness - without[numbers])


def own_margin(residuals: Floats, runs: Sequence[Hashable]) -> OwnMargin | None:
    """The margin of a deployment's rows, whose `runs` name what is one run; None of too few."""
    worst: dict[Hashable, float] = {}
    for run, residual in zip(runs, residuals.tolist(), strict=True):
        if abs(residual) >= abs(worst.get(run, 0.0)):
            worst[run] = residual
    if len(worst) < FEWEST_RUNS:
        return None
    own = np.sort(np.array(list(worst.values())))
    ends = quantiles(own, MISSED) if len(own) >= FEWEST_FOR_ENDS else None
    return OwnMargin(len(own), slow_deviation(own), ends)


def slow_deviation(ordered: Floats) -> float:
    """Standard deviation whose margin at 80 % covers the rank, of errors in ascending order."""
    rank = math.ceil(SLOW * (len(ordered) + 1) - 1e-9)
    return max(float(ordered[min(rank, len(ordered)) - 1]), 0.0) / deviations(SLOW)
