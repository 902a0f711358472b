r"""Memory of states: a partial point that another one makes superfluous is not searched again.

    s' makes s superfluous   when  both have decided the same columns,  cost(s') <= cost(s),
                             slack[r](s') >= slack[r](s) for every row r,
                             and s' may open at least the types that s may

Then every completion of s completes s' at no more cost, and depth first s' has been searched to its
end: its completions were tried, or ruled out by the incumbent.

A slack counts only as far as it matters: that of a cover up to 0 (met is met), that of another row
up to the largest activity that the remaining columns can still add.
Only the last CAPACITY states of a column are kept, so that the check stays short.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.solvers.cover.problem import CoverProblem

CAPACITY = 512


class Memory:
    """States seen, per number of decided columns and per state of the types."""

    def __init__(self, problem: CoverProblem) -> None:
        self._needed = _largest_use(problem)
        self._seen: dict[tuple[int, int, bool], tuple[npt.NDArray[np.int64], list[int]]] = {}

    def superfluous(
        self, i: int, cost: int, slack: Sequence[int], types_left: int, is_open: bool
    ) -> bool:
        """Whether the state need not be searched; otherwise it is remembered."""
        state = np.array([cost, *(-min(s, n) for s, n in zip(slack, self._needed[i], strict=True))])
        key = (i, types_left, is_open)
        if key not in self._seen:
            self._seen[key] = (np.empty((CAPACITY, len(state)), np.int64), [0])
        states, count = self._seen[key]
        used = min(count[0], CAPACITY)
        if (states[:used] <= state).all(axis=1).any():
            return True
        states[count[0] % CAPACITY] = state
        count[0] += 1
        return False


def _largest_use(problem: CoverProblem) -> list[list[int]]:
    """``needed[i][r]``: more slack than this changes nothing for the columns from i on."""
    sums = [[0] * len(problem.rows)]
    for j in reversed(range(len(problem.names))):
        u = problem.upper[j]
        sums.append([n + max(row[j], 0) * u for n, row in zip(sums[-1], problem.rows, strict=True)])
    return sums[::-1]
