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

A front that stops early says down to which f2 it is complete, and can be resumed from there.
"""

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.single_service import SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.program.canonical import PRICE_UNITS_PER_USD
from recommender.solvers.outcome import Status
from recommender.solvers.prove import is_proven

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
    groups = {g.name: g for g in replace(question, prune=False).columns}
    found = list(resume.points) if resume is not None else []
    below = None if resume is None else resume.complete_above
    proven, solves = (True, 0) if resume is None else (resume.proven, resume.solves)
    complete = resume is not None and resume.complete
    while not complete and time.perf_counter() < deadline:
        solution = solve_single_service(
            _limited(question, first, second, below),
            time_limit_s=deadline - time.perf_counter(),
        )
        solves += 1
        if solution.outcome.status is Status.INFEASIBLE:
            complete, proven = True, proven and is_proven(solution.outcome)
        elif solution.outcome.status is not Status.OPTIMAL:
            break
        else:
            proven = proven and is_proven(solution.outcome)
            point = _point(groups, solution, first, second)
            found = [p for p in found if p.first < point.first] + [point]
            below = point.second - resolution
    return MixedFront(
        points=tuple(found),
        complete=complete,
        proven=proven,
        complete_above=below,
        solves=solves,
        resolution=resolution,
    )


def _limited(
    question: SingleService, first: Axis, second: Axis, below: int | None
) -> SingleService:
    """The question for one epsilon; also without one, `second` is an attribute in use."""
    if below is None:
        return replace(question, objectives=(first, second))
    limit = below / PRICE_UNITS_PER_USD if second == "cost" else below
    present: float | None = getattr(question, LIMIT_FIELD[second])
    tighter: dict[str, Any] = {
        LIMIT_FIELD[second]: limit if present is None else min(limit, present)
    }
    return replace(question, objectives=(first,), **tighter)


def _point(
    groups: dict[str, SizedGroup], solution: Solution, first: Axis, second: Axis
) -> MixedPoint:
    def total(axis: Axis) -> int:
        return sum(ATTRIBUTES[axis](groups[name]) * n for name, n in solution.counts.items())

    return MixedPoint(total(first), total(second), solution)
