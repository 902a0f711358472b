r"""Depth-first search over columns, best bound first; every number is an integer.

At column i each value x gives a child with

    bound(x) = cost so far + c[i] x + max over tables of F_{i+1}(what is left)

Children are taken by rising bound (ties: more of the better column), and a child whose bound is
not below the incumbent ends its parent: the rest are no better. A row that the remaining columns
cannot repair ends the branch. When a limit stops the search, the smallest bound that is still
open is a valid bound of the whole program.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.solvers.cover.memory import Memory
from recommender.solvers.cover.problem import INFINITE, CoverProblem
from recommender.solvers.cover.table import UNREACHABLE, Integers, Table


@dataclass(frozen=True, slots=True)
class State:
    """A partial point: columns before `i` are fixed.

    Attributes
    ----------
    slack
        rhs minus activity so far, per row; negative is still to be repaired.
    types_left, is_open
        Types that may still be opened; whether that of column i is open.
    """

    i: int
    cost: int
    slack: tuple[int, ...]
    types_left: int
    is_open: bool
    values: tuple[int, ...]


@dataclass(slots=True)
class Progress:
    """Best point so far and what bounds it.

    Attributes
    ----------
    best
        Points must cost less than this to count: the incumbent, or the cutoff plus 1.
    values
        Incumbent, column -> value where not zero; None without one.
    nodes
        Nodes searched.
    """

    best: int
    values: dict[str, int] | None = None
    nodes: int = 0

    def offer(self, values: Mapping[str, int], cost: int) -> None:
        """Take a point that meets all rows, when it is better."""
        if cost < self.best:
            self.best, self.values = cost, {name: x for name, x in values.items() if x}


@dataclass(slots=True)
class _Frame:
    state: State
    children: list[tuple[int, int]] = field(default_factory=list)
    """(bound, x), worst first."""


class Search:
    """One search with given tables; `progress` may carry an incumbent from an earlier one."""

    def __init__(self, problem: CoverProblem, tables: Sequence[Table], progress: Progress) -> None:
        self._problem = problem
        self._tables = tables
        self._progress = progress
        self._reach = _largest_repair(problem)
        self._memory = Memory(problem)

    def run(self, *, node_limit: int, deadline: float) -> int:
        """Search until done, or until a limit; `deadline` is a time of time.perf_counter.

        Returns a bound: no point of the problem costs less; the cost of the incumbent when
        nothing better is left.
        """
        progress, problem = self._progress, self._problem
        root = State(0, 0, problem.rhs, problem.types_allowed, False, ())
        stack = [self._open(root)]
        stop = progress.nodes + node_limit
        while stack:
            progress.nodes += 1
            if progress.nodes >= stop or (
                progress.nodes % 128 == 0 and time.perf_counter() > deadline
            ):
                still_open = [f.children[-1][0] for f in stack if f.children]
                return min([*still_open, progress.best])
            frame = stack[-1]
            if not frame.children or frame.children[-1][0] >= progress.best:
                stack.pop()
                continue
            _, x = frame.children.pop()
            stack.append(self._open(self._child(frame.state, x)))
        return progress.best

    def _open(self, state: State) -> _Frame:
        """The node with its children; a point that meets all rows is kept and has none."""
        if min(state.slack, default=0) >= 0:
            taken = zip(self._problem.names, state.values, strict=False)
            self._progress.offer(dict(taken), state.cost)
            return _Frame(state)
        low, high = self._range(state)
        if low > high or self._memory.superfluous(
            state.i, state.cost, state.slack, state.types_left, state.is_open
        ):
            return _Frame(state)
        x = np.arange(low, high + 1, dtype=np.int64)
        bounds = self._bounds(state, x)
        useful = np.flatnonzero(bounds < self._progress.best)
        order = useful[np.lexsort((x[useful], -bounds[useful]))]
        return _Frame(state, list(zip(bounds[order].tolist(), x[order].tolist(), strict=True)))

    def _range(self, state: State) -> tuple[int, int]:
        """Values of column i that the remaining columns can still complete."""
        i, problem = state.i, self._problem
        if i == len(problem.names):
            return 0, -1
        low, high = 0, problem.upper[i]
        if not state.is_open and not state.types_left:
            high = 0
        if problem.cost[i]:
            high = min(high, (self._progress.best - 1 - state.cost) // problem.cost[i])
        for r, slack in enumerate(state.slack):
            a, room = problem.rows[r][i], slack - self._reach[r][i + 1]
            if a > 0:
                high = min(high, room // a)
            elif a < 0:
                low = max(low, -(room // -a))
            elif room < 0:
                return 0, -1
        return low, min(high, self._enough(state, low))

    def _enough(self, state: State, low: int) -> int:
        """More than this only adds cost: every row that column i can repair is met."""
        enough = low
        for r, slack in enumerate(state.slack):
            a = self._problem.rows[r][state.i]
            if a < 0 and r not in self._problem.covers:
                return self._problem.upper[state.i]  # may pay for what a later column takes
            if a < 0 and slack < 0:
                enough = max(enough, -(slack // -a))
        return enough

    def _bounds(self, state: State, x: Integers) -> Integers:
        """Lower bound of each child."""
        i, problem = state.i, self._problem
        cost = state.cost + problem.cost[i] * x
        bounds = cost
        for table in self._tables:
            left = -state.slack[table.cover] + problem.rows[table.cover][i] * x
            f = _left(table, state, x, left)
            bounds = np.maximum(bounds, self._from_table(table, state, x, cost, f))
        return bounds

    def _from_table(
        self, table: Table, state: State, x: Integers, cost: Integers, f: Integers
    ) -> Integers:
        """alpha z >= alpha cost + F - sum beta slack, solved for z."""
        alpha, total = table.weights.alpha, f
        for r, beta in table.weights.beta.items():
            total = total - beta * (state.slack[r] - self._problem.rows[r][state.i] * x)
        impossible = f >= UNREACHABLE
        if alpha == 0:
            return np.where(impossible | (total > 0), INFINITE, 0)
        return np.where(impossible, INFINITE, cost - (-total // alpha))

    def _child(self, state: State, x: int) -> State:
        i, problem = state.i, self._problem
        opens = x > 0 and not state.is_open
        same_type = i + 1 < len(problem.names) and problem.type_of[i + 1] == problem.type_of[i]
        return State(
            i + 1,
            state.cost + problem.cost[i] * x,
            tuple(s - row[i] * x for s, row in zip(state.slack, problem.rows, strict=True)),
            state.types_left - opens,
            same_type and (state.is_open or opens),
            (*state.values, x),
        )


def _left(table: Table, state: State, x: Integers, left: Integers) -> Integers:
    """F after each x: taking some of column i opens its type."""
    i, m = state.i + 1, state.types_left
    if state.is_open:
        return table.left(i, m, True, left)
    none = int(x[0] == 0)
    if none == len(x):
        return table.left(i, m, False, left)
    some = table.left(i, m - 1, True, left[none:])
    return np.concatenate([table.left(i, m, False, left[:none]), some]) if none else some


def _largest_repair(problem: CoverProblem) -> list[list[int]]:
    """``reach[r][i]``: smallest activity that columns from i on can add to row r."""
    reach = []
    for row in problem.rows:
        sums = [0]
        for a, u in zip(reversed(row), reversed(problem.upper), strict=True):
            sums.append(sums[-1] + min(a, 0) * u)
        reach.append(sums[::-1])
    return reach
