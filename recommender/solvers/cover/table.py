r"""Knapsack tables: the exact cost of covering what is left of one row with the columns left.

    F_i(v) = min  sum_{j >= i} w[j] x[j]   s.t.  sum_{j >= i} q[j] x[j] >= v,  0 <= x[j] <= u[j],
                                                 at most m types used

    F_i(v) = min over k <= u[i] of  F_{i+1}(max(v - k q[i], 0)) + k w[i]

Symbol    Meaning
q, v      coefficients of one cover and what is left of it, divided by `scale`: q rounds up and so
          does v, hence F never promises too much
w         alpha * cost + sum_r beta[r] * a[r] over other rows r: a Lagrangian, so that
          alpha z  >=  alpha * cost so far + F_i(v) - sum_r beta[r] * slack[r]
m, open   types that may still be opened, and whether the type of column i is open already

With alpha = 0 the same inequality has no z in it and says whether row r can still be met.
Time and memory are O(columns * types * d / scale), in whole arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recommender.solvers.cover.problem import INFINITE, CoverProblem

Integers = npt.NDArray[np.int64]

UNREACHABLE = INFINITE // 2
"""Anything above stands for "cannot be covered", whatever negative weights took off it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a table minimises: alpha * cost + sum of beta[r] * activity of row r (as <=)."""

    alpha: int
    beta: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """F for one cover and one weighting; see the module.

    Attributes
    ----------
    opened
        ``opened[i][m]``: columns from i on, the type of i is open, m more may be opened.
    after
        ``after[t][m]``: types from t on, none open, m may be opened.
    """

    cover: int
    scale: int
    weights: Weights
    opened: Sequence[Sequence[Integers]]
    after: Sequence[Sequence[Integers]]
    type_of: Sequence[int]

    def left(self, i: int, m: int, is_open: bool, v: Integers) -> Integers:
        """F with the columns from i on, for every v (what is left of the cover, any sign)."""
        index = -(-np.maximum(v, 0) // self.scale)
        t = self.type_of[i] if i < len(self.type_of) else len(self.after) - 1
        starts_type = i == len(self.type_of) or i == 0 or self.type_of[i - 1] != t
        if starts_type:
            return self.after[t][m].take(index)
        if is_open:
            return self.opened[i][m].take(index)
        skipped = self.after[t + 1][m].take(index)
        return np.minimum(skipped, self.opened[i][m - 1].take(index)) if m else skipped


def build(problem: CoverProblem, *, cover: int, scale: int, weights: Weights) -> Table:
    """The table of one cover.

    Raises
    ------
    OverflowError
        When the numbers would leave 64 bits.
    """
    size = -(problem.rhs[cover] // scale) + 1
    q = [-(a // scale) for a in problem.rows[cover]]  # a <= 0, so this rounds q up
    w = _weighted(problem, weights)
    _guard(w, q, problem.upper, size)
    end = np.full(size, INFINITE, np.int64)
    end[0] = 0
    allowed = problem.types_allowed
    n, types = len(q), max(problem.type_of, default=-1) + 1
    after: list[list[Integers]] = [[end] * (allowed + 1)]
    opened: list[list[Integers]] = [[] for _ in range(n)]
    for t in reversed(range(types)):
        state = [after[0][m] for m in range(allowed)]
        for j in (j for j in reversed(range(n)) if problem.type_of[j] == t):
            state = [_with_column(f, q[j], w[j], problem.upper[j]) for f in state]
            opened[j] = state
        chosen = [np.minimum(after[0][m], state[m - 1]) for m in range(1, allowed + 1)]
        after.insert(0, [after[0][0], *chosen])
    return Table(
        cover=cover,
        scale=scale,
        weights=weights,
        opened=opened,
        after=after,
        type_of=problem.type_of,
    )


def _weighted(problem: CoverProblem, weights: Weights) -> list[int]:
    return [
        weights.alpha * c + sum(b * problem.rows[r][j] for r, b in weights.beta.items())
        for j, c in enumerate(problem.cost)
    ]


def _guard(w: Sequence[int], q: Sequence[int], upper: Sequence[int], size: int) -> None:
    copies = [  # of a weight below 0 all are taken
        min(u, -(-size // x)) if x and weight >= 0 else u
        for weight, x, u in zip(w, q, upper, strict=True)
    ]
    largest = sum(abs(x) * n for x, n in zip(w, copies, strict=True))
    if largest >= UNREACHABLE // 2:
        raise OverflowError(f"a cover would cost {largest}, beyond 64-bit arithmetic")


def _with_column(f: Integers, q: int, w: int, upper: int) -> Integers:
    """min over k <= upper of f(max(v - k q, 0)) + k w, for every v."""
    if w < 0:  # all of them: each lowers the sum and covers more
        return _after(f, upper * q, upper * w)
    if q == 0 or upper == 0:
        return f
    if q * upper >= len(f) - 1 and q < len(f) - 1:
        return _unbounded(f, q, w)
    step = 1
    while upper > 0:  # 1, 2, 4, ... copies: any number up to `upper` is a sum of some
        copies = min(step, upper)
        f = np.minimum(f, _after(f, copies * q, copies * w))
        upper -= copies
        step *= 2
        if copies * q >= len(f) - 1:
            break  # one such bundle covers everything; more cannot help
    return f


def _after(f: Integers, q: int, w: int) -> Integers:
    """f(max(v - q, 0)) + w."""
    g = np.full_like(f, f[0] + w)
    if q < len(f):
        g[q:] = f[: len(f) - q] + w
    return np.minimum(g, INFINITE)


def _unbounded(f: Integers, q: int, w: int) -> Integers:
    """Rows of q values: a running minimum down the rows of f(v) - row * w, plus row * w."""
    rows = -(-(len(f) - 1) // q) + 1
    flat = np.full(rows * q, INFINITE, np.int64)
    flat[:q] = f[0]  # v in (-q, 0]: covered
    flat[q : q + len(f) - 1] = f[1:]
    grid = flat.reshape(rows, q)
    slope = (np.arange(rows, dtype=np.int64) * w)[:, None]
    grid -= slope
    _lower_down_the_rows(grid)
    grid += slope
    g = np.empty_like(f)
    g[0] = f[0]
    np.minimum(flat[q : q + len(f) - 1], INFINITE, out=g[1:])
    return g


def _lower_down_the_rows(grid: Integers) -> None:
    """A running minimum down the rows, in place."""
    if len(grid) > grid.shape[1]:
        np.minimum.accumulate(grid, axis=0, out=grid)
        return
    for above, below in pairwise(grid):  # long rows: whole ones at a time are quicker
        np.minimum(above, below, out=below)
