r"""How far a set of plans may be from a whole front: the multiplicative epsilon indicator.

    gap = max over corners l    min over points p    max over axes i    p[i] / l[i]  -  1

Symbol   Meaning                                                                    Unit
p        a plan that is known, its axes in whole canonical units                    canonical
l        a corner: every plan that is not known is as large as one of them on       canonical
         every axis
gap      every plan there is has a known one that is larger by at most this share   1
         on each axis, at most

So no undiscovered plan is better than every listed one by more than the gap on some axis. The
corners may be far below any plan, so the true distance is at most this. Axes are compared as
integers; the quotient is a float that is rounded up.

Zero on an axis (owned nodes that cost nothing per hour): 0 / 0 counts as 1, p / 0 as infinite.
Zitzler et al., Performance assessment of multiobjective optimizers, IEEE TEC 7(2), 2003.
"""

from collections.abc import Sequence
from math import inf

import numpy as np
import numpy.typing as npt

UPWARD = 1 + 1e-12
"""More than a quotient of doubles loses."""

BLOCK = 1 << 20
"""Quotients at a time."""

Axes = tuple[int, ...]


def factors(points: Sequence[Axes], corners: Sequence[Axes]) -> npt.NDArray[np.float64]:
    """Per corner the least largest quotient over points, at least 1; inf without points."""
    best = np.full(len(corners), inf)
    if not len(corners):
        return best
    low = np.array(corners, np.float64)
    rows = max(1, BLOCK // low.size)
    for start in range(0, len(points), rows):
        high = np.array(points[start : start + rows], np.float64)[:, None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = np.where(high <= low, 1.0, high / low * UPWARD)
        np.minimum(best, quotient.max(axis=2, initial=1.0).min(axis=0), out=best)
    return best


def gap(points: Sequence[Axes], corners: Sequence[Axes]) -> float:
    """The gap [1]; 0 without corners, inf where nothing is known."""
    return max(0.0, float(factors(points, corners).max(initial=1.0)) - 1)
