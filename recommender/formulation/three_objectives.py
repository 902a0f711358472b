r"""Exact front over three objectives: fronts of two under a falling limit of the third.

    repeat     F = front of (f1, f2) under f3 <= epsilon
               epsilon = max f3 over F - resolution
    until      F is empty;   the front is what no other point found beats on all three

Proof (resolution 1). Let (a, b, c) be on the front, and F the last front whose epsilon is at least
c; so c >= max f3 over F. F holds a point with (f1, f2) <= (a, b), and its f3 is at most c: as
(a, b, c) is not dominated, the point is (a, b, c) itself.

Every f3 level that occurs costs a front of two objectives: for counts (accelerators, nodes) that
is quick, for watts choose a resolution. What is cut off by time says so.
"""

import time
from dataclasses import dataclass, replace
from typing import Any

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.mixed_front import LIMIT_FIELD, Axis, mixed_front
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution
from recommender.program.canonical import PRICE_UNITS_PER_USD


@dataclass(frozen=True, slots=True)
class Point:
    """A plan and its place on the three axes, in canonical units."""

    values: tuple[int, int, int]
    solution: Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Points by rising values; `complete` and `proven` as in MixedFront."""

    points: tuple[Point, ...]
    complete: bool
    proven: bool
    solves: int


def front_of_three(
    question: SingleService,
    *,
    axes: tuple[Axis, Axis, Axis] = ("cost", "power", "accelerators"),
    resolution: int = 1,
    time_limit_s: float = 60.0,
) -> Front:
    """All plans that no other beats on all three axes, as far as the time allows.

    Parameters
    ----------
    resolution
        Least step in the third objective [canonical units].
    """
    deadline = time.perf_counter() + time_limit_s
    groups = {g.name: g for g in replace(question, prune=False).columns}
    found: dict[tuple[int, int, int], Solution] = {}
    limited, complete, proven, solves = question, False, True, 0
    while not complete and (left_s := deadline - time.perf_counter()) > 0:
        layer = mixed_front(limited, first=axes[0], second=axes[1], time_limit_s=left_s)
        solves, proven = solves + layer.solves, proven and layer.proven
        third = [
            sum(ATTRIBUTES[axes[2]](groups[name]) * n for name, n in p.solution.counts.items())
            for p in layer.points
        ]
        for point, value in zip(layer.points, third, strict=True):
            found[point.first, point.second, value] = point.solution
        if not layer.complete:
            break
        complete = not layer.points
        if not complete:
            limited = _limited(question, axes[2], max(third) - resolution)
    return Front(points=_best(found), complete=complete, proven=proven, solves=solves)


def _limited(question: SingleService, axis: Axis, limit: int) -> SingleService:
    name = LIMIT_FIELD[axis]
    value = limit / PRICE_UNITS_PER_USD if axis == "cost" else limit
    present: float | None = getattr(question, name)
    tighter: dict[str, Any] = {name: value if present is None else min(value, present)}
    return replace(question, **tighter)


def _best(found: dict[tuple[int, int, int], Solution]) -> tuple[Point, ...]:
    """The points that no other is at least as good as on every axis."""

    def beaten(values: tuple[int, int, int]) -> bool:
        return any(
            other != values and all(a <= b for a, b in zip(other, values, strict=True))
            for other in found
        )

    return tuple(Point(values, found[values]) for values in sorted(found) if not beaten(values))
