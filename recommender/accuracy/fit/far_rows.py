"""Held-out rows that were off by more than three times, and how many were to be expected.

Expected is the sum of `far_chance` over rows, each from rows of other folds: groups that were
unlucky once are not told from those that are so again unless the others say it.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from recommender.accuracy.far_chance import FAR, Counts, far_chance
from recommender.accuracy.fit.spread_fit import Sample
from recommender.performance.layout_table import Floats

FEWEST_OF_A_GROUP = 10
"""Smaller groups of speeds are shrunk so much that they have no row of their own in errors.csv."""
Chain = tuple[str, ...]
"""Groups, the widest first; () is all rows."""


def far_counts(sample: Sample) -> Mapping[Chain, Counts]:
    """Far rows and all rows of every group."""
    return _counts(sample, np.ones(len(sample), dtype=np.bool_))


def chances(sample: Sample) -> Floats:
    """Of each row, by the rows of other folds of the way in which it was held out, shape (n,)."""
    found = np.empty(len(sample))
    for way in range(sample.fold.shape[1]):
        for fold in np.unique(sample.fold[:, way]):
            inside = sample.fold[:, way] == fold
            others = _counts(sample, ~inside)
            for row in np.flatnonzero(inside & (sample.way == way)):
                group = _narrowest(sample.groups[int(row)], others)
                found[row] = far_chance(others[()], others[group])
    return found


def _narrowest(chain: Chain, counted: Mapping[Chain, Counts]) -> Chain:
    """The narrowest group with enough rows to have some of its own in errors.csv."""
    groups = [chain[:depth] for depth in range(len(chain), 0, -1)]
    large = (group for group in groups if counted.get(group, (0, 0))[1] >= FEWEST_OF_A_GROUP)
    return next(large, ())


def _counts(sample: Sample, seen: npt.NDArray[np.bool_]) -> dict[Chain, Counts]:
    far = np.abs(sample.errors) > FAR
    counted: dict[Chain, Counts] = {(): (0, 0)}
    for row in np.flatnonzero(seen):
        chain = sample.groups[int(row)]
        for depth in range(len(chain) + 1):
            above, rows = counted.get(chain[:depth], (0, 0))
            counted[chain[:depth]] = above + int(far[row]), rows + 1
    return counted
