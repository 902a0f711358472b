r"""Zones that sell the same: whether the groups of a plan can be divided over them (bin packing).

    sum of rates in each zone  <=  T - D      when any one zone may be lost
    fits      Z bins of size T - D, items of size rate; so many of each kind

Symbol   Meaning                                               Unit
Z        zones of a family, all alike                          count
T, D     rate of the plan, and what is left to be carried      rate units

More groups never make it harder: a group of rate r adds r to T, and goes anywhere. So a plan that
does not fit only needs more. Each item first goes to the emptiest zone, the largest first; where
that fails, kinds are divided by search, the last one by counting. A search of more than LIMIT steps
is given up, and the answer is that it is not known.
"""

from typing import NamedTuple

import numpy as np

from recommender.compiled import compiled
from recommender.solvers.front_search.points import Integers

LIMIT = 20_000
FITS = 1


class Families(NamedTuple):
    """Columns by family of alike zones; `zones` of each family; ``numbers``: D (0: no zone is
    lost), fewest zones to be used. Without families, no column has anything to hold."""

    family: Integers
    zones: Integers
    rate: Integers
    numbers: Integers


@compiled
def divide(plan: Integers, load: Integers, rate: Integers, counts: Integers, size: int) -> int:
    """Counts of kinds, by falling rate, over bins of a size; the plan is ``plan[bin, kind]``."""
    bins, kinds = plan.shape
    plan[:, :] = 0
    load[:] = 0
    fits = True
    for k in range(kinds):
        for _ in range(counts[k]):
            b = 0
            for other in range(bins):
                if load[other] < load[b]:
                    b = other
            load[b] += rate[k]
            plan[b, k] += 1
            fits = fits and load[b] <= size
    return 1 if fits else _search(plan, load, rate, counts, size)


@compiled
def _search(plan: Integers, load: Integers, rate: Integers, counts: Integers, size: int) -> int:
    """Depth first over (kind, bin), each from as many as fit down to none."""
    bins, kinds = plan.shape
    depth = (kinds - 1) * bins
    left = np.zeros(depth + 1, np.int64)
    plan[:, :] = 0
    load[:] = 0
    d, down, steps = 0, True, 0
    left[0] = counts[0]
    while d >= 0:
        k, b = d // bins, d % bins
        steps += 1
        if steps > LIMIT:
            return -1
        if d == depth:
            if _last_fits(plan, load, rate[k], left[d], size):
                return 1
            d, down = d - 1, False
            continue
        if down:
            n = min(left[d], (size - load[b]) // rate[k])
            if k == 0 and b > 0:  # bins are alike: the first kind falls from bin to bin
                n = min(n, plan[b - 1, 0])
        else:
            load[b] -= plan[b, k] * rate[k]
            n = plan[b, k] - 1
        last = b == bins - 1
        if n < 0 or (last and n < left[d]):
            plan[b, k] = 0
            d, down = d - 1, False
            continue
        plan[b, k] = n
        load[b] += n * rate[k]
        left[d + 1] = counts[k + 1] if last else left[d] - n
        d, down = d + 1, True
    return 0


@compiled
def _last_fits(plan: Integers, load: Integers, rate: int, left: int, size: int) -> bool:
    """Put what is left of the last kind wherever there is room."""
    bins, kinds = plan.shape
    for b in range(bins):
        n = min(left, (size - load[b]) // rate)
        plan[b, kinds - 1] = n
        left -= n
    return bool(left == 0)


@compiled
def hold(x: Integers, last: int, families: Families) -> int:
    """Whether the columns up to `last` can be divided over zones: 1 yes, 0 no, -1 not known."""
    demand, used = families.numbers[0], 0
    total = np.int64(0)
    for j in range(last + 1):
        total += x[j] * families.rate[j]
    rate = np.zeros(last + 1, np.int64)
    counts = np.zeros(last + 1, np.int64)
    for f in range(families.zones.size):
        groups, kinds = np.int64(0), 0
        for j in range(last + 1):
            if x[j] > 0 and families.family[j] == f:
                groups += x[j]
                at = kinds
                while at > 0 and rate[at - 1] < families.rate[j]:
                    rate[at], counts[at] = rate[at - 1], counts[at - 1]
                    at -= 1
                rate[at], counts[at] = families.rate[j], x[j]
                kinds += 1
        used += min(groups, families.zones[f])
        if demand == 0 or kinds == 0:
            continue
        plan = np.zeros((families.zones[f], kinds), np.int64)
        load = np.zeros(families.zones[f], np.int64)
        found = divide(plan, load, rate[:kinds], counts[:kinds], total - demand)
        if found != 1:
            return found
    return 1 if used >= families.numbers[1] else 0
