r"""Which part of a start a period pays for running more than the one before: a dual, in floats.

    max over 0 <= lambda <= S   sum_t min over n in N[t] of sum_p a[t,p] price[p] n[p]
    a[t,p] = w[t] + lambda[t,p] - lambda[t+1,p]

Symbol        Meaning                                                  Unit
N[t]          fleets of period t that are known                        count, shape (fleets, kinds)
lambda[t,p]   what t pays per group of p that it runs more than t - 1  as S; nothing ran before: S
w[t], S       length of a period, of a start                           same unit of time

A subgradient is what the cheapest fleets run more than the ones before; steps are those of Polyak
(1969) towards the best plan known, halved when nothing improves. Any lambda gives a bound, so the
result may be rounded to integers; whoever uses it computes the bound anew.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.solvers.fleet_search.fleets import Integers

Reals = npt.NDArray[np.float64]

STEPS = 200
PATIENCE = 10
"""Steps without a better sum before they are halved."""


def shares(
    fleets: Sequence[Integers],
    *,
    price: Integers,
    weight: Sequence[int],
    start: int,
    follows: Sequence[bool],
    first: Integers,
    target: int,
) -> Integers:
    """lambda as integers, shape (periods, kinds), from `first` on; `target`: cost of a plan.

    `start` is S, or less where lambda has to stay below it; `follows` says of each period whether
    anything runs in the one before.
    """
    known = [found * price.astype(np.float64) for found in fleets]
    lengths, runs = np.array(weight, np.float64)[:, None], np.array(follows)[:, None]
    best = current = np.where(runs, np.clip(first.astype(np.float64), 0.0, start), start)
    highest, step, worse = -np.inf, 1.0, 0
    for _ in range(STEPS):
        a = lengths + current - np.roll(current * runs, -1, axis=0)
        sums = [found @ row for found, row in zip(known, a, strict=True)]
        total = float(sum(values.min() for values in sums))
        cheapest = np.stack([f[v.argmin()] for f, v in zip(known, sums, strict=True)])
        if total > highest:
            highest, best, worse = total, current, 0
        else:
            worse += 1
        if worse == PATIENCE:
            current, step, worse = best, step / 2, 0
            continue
        more = (cheapest - np.roll(cheapest, 1, axis=0)) * runs
        more[((current <= 0) & (more < 0)) | ((current >= start) & (more > 0))] = 0.0
        norm = float((more**2).sum())
        if norm == 0.0 or target <= total:
            break
        current = np.clip(current + step * (target - total) / norm * more, 0.0, start)
    rounded: Integers = np.rint(best).astype(np.int64)
    return rounded
