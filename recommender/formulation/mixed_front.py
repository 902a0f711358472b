r"""Exact front of mixed plans over two objectives: the epsilon-constraint method on integers.

    repeat     z1 = min f1(n)   s.t. all rows of the question,   f2(n) <= epsilon
               epsilon = f2 of that plan - resolution
    until      infeasible

Symbol   Meaning                                                  Unit
f1, f2   objectives of the program, integers                      canonical
epsilon  limit on f2; a resolution of 1 loses nothing             canonical

Proof (resolution 1). f2 falls strictly and f1 never falls from solve to solve. A plan stays on the
front exactly when the next solve has a larger f1: then nothing with f2 <= its own is cheaper (its
solve), and nothing as cheap has less f2 (the next solve). Unsupported points are found like the
others. Each point carries the proof of its solve and of the next one's bound; the front is
complete when the last solve is proven infeasible.

With a larger resolution the points represent the front: for every plan some point has no larger
f1 and an f2 that is less than one resolution larger (the plan's f2 lies in the step that its solve
skipped, and that solve found nothing cheaper).

Where the search between known points applies (searched_front), it finds all points of a stretch at
once; the proof is then that of its bounds.

A front that stops early says down to which f2 it is complete, and can be resumed from there.
"""

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.searched_front import Stretches, stretches
from recommender.formulation.single_service import SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.program.canonical import PRICE_UNITS_PER_USD
from recommender.solvers.outcome import Status
from recommender.solvers.prove import DECIDED, is_proven

Axis = Literal["cost", "power", "accelerators", "nodes", "carbon"]

LIMIT_FIELD: dict[Axis, str] = {
    "cost": "budget_usd_per_h",
    "power": "power_w",
    "accelerators": "max_accelerators",
    "nodes": "max_nodes",
    "carbon": "carbon_g_per_h",
}
"""Axis -> the limit of the question that bounds it."""


@dataclass(frozen=True, slots=True)
class MixedPoint:
    """A plan of the front, and its place in canonical units."""

    first: int
    second: int
    solution: Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedFront:
    """Points by rising first objective, and what is known of the rest.

    Attributes
    ----------
    complete
        Whether no further point exists.
    proven
        Whether an exact method stands for every point (and for the end, when complete).
    complete_above
        The front holds every point whose second objective is larger [canonical units].
    solves
        Programs of one objective solved.
    resolution
        Step in the second objective; 1 is exact [canonical units].
    """

    points: tuple[MixedPoint, ...]
    complete: bool
    proven: bool
    complete_above: int | None
    solves: int
    resolution: int = 1


def mixed_front(
    question: SingleService,
    *,
    first: Axis = "cost",
    second: Axis = "power",
    resolution: int = 1,
    time_limit_s: float = 60.0,
    resume: MixedFront | None = None,
) -> MixedFront:
    """All plans that no other beats on both axes, as far as the time allows.

    Parameters
    ----------
    resolution
        Least step in the second objective [canonical units: 1e-4 USD/h, W, count, g/h].
    resume
        A front of the same question that stopped early.
    """
    deadline = time.perf_counter() + time_limit_s
    walk = _Walk(question, first, second, deadline, resume)
    searched = stretches(question, first=first, second=second) if resolution == 1 else None
    if searched is not None:
        walk.by_stretches(searched)
    else:
        walk.solve_by_solve(resolution)
    return MixedFront(
        points=tuple(walk.found),
        complete=walk.complete,
        proven=walk.proven,
        complete_above=walk.below,
        solves=walk.solves,
        resolution=resolution,
    )


class _Walk:
    """Down the front by falling second objective."""

    def __init__(
        self,
        question: SingleService,
        first: Axis,
        second: Axis,
        deadline: float,
        resume: MixedFront | None,
    ) -> None:
        self._question, self._axes, self._deadline = question, (first, second), deadline
        self._groups = {g.name: g for g in replace(question, prune=False).columns}
        self.found = list(resume.points) if resume is not None else []
        self.below = None if resume is None else resume.complete_above
        self.proven = resume is None or resume.proven
        self.solves = 0 if resume is None else resume.solves
        self.complete = resume is not None and resume.complete

    def solve_by_solve(self, resolution: int) -> None:
        """The epsilon-constraint method."""
        while not self.complete and time.perf_counter() < self._deadline:
            objectives = self._axes[: 1 if self.below is not None else 2]
            solution = self._solve(self.below, objectives)
            if solution is None:
                break
            self._add(solution, resolution)

    def by_stretches(self, searched: Stretches) -> None:
        """Both ends by a solve, what lies between them by search (see searched_front)."""
        if self.complete or time.perf_counter() > self._deadline:
            return
        first, second = self._axes
        if not self.found:
            start = self._solve(None, (first, second))
            if start is None:
                return
            self._add(start, 1)
        end = self._solve(None, (second, first))
        if end is None:
            return
        after = searched.after(
            self.found[-1].solution,
            end,
            below=lambda limit: self._solve(limit, (first, second)),
            deadline=self._deadline,
        )
        for solution in after:
            self._add(solution, 1)
        self.complete = self.found[-1].second == searched.place(end).second

    def _solve(self, below: int | None, objectives: tuple[Axis, ...]) -> Solution | None:
        """An optimum; None when there is no plan (then the front is complete) or no time."""
        solution = solve_single_service(
            _limited(self._question, self._axes, below, objectives),
            time_limit_s=max(0.01, self._deadline - time.perf_counter()),
        )
        self.solves += 1
        outcome = solution.outcome
        if outcome.status in DECIDED:
            self.proven = self.proven and is_proven(outcome)
        if outcome.status is Status.INFEASIBLE:
            self.complete = True
        return solution if outcome.status is Status.OPTIMAL else None

    def _add(self, solution: Solution, resolution: int) -> None:
        point = _point(self._groups, solution, *self._axes)
        while self.found and self.found[-1].first >= point.first:
            self.found.pop()
        self.found.append(point)
        self.below = point.second - resolution


def _limited(
    question: SingleService,
    axes: tuple[Axis, Axis],
    below: int | None,
    objectives: tuple[Axis, ...],
) -> SingleService:
    """The question for one epsilon; also without one, both axes are attributes in use."""
    second = axes[1]
    if below is None:
        return replace(question, objectives=objectives)
    limit = below / PRICE_UNITS_PER_USD if second == "cost" else below
    present: float | None = getattr(question, LIMIT_FIELD[second])
    tighter: dict[str, Any] = {
        LIMIT_FIELD[second]: limit if present is None else min(limit, present)
    }
    return replace(question, objectives=objectives, **tighter)


def _point(
    groups: dict[str, SizedGroup], solution: Solution, first: Axis, second: Axis
) -> MixedPoint:
    def total(axis: Axis) -> int:
        return sum(ATTRIBUTES[axis](groups[name]) * n for name, n in solution.counts.items())

    return MixedPoint(total(first), total(second), solution)
