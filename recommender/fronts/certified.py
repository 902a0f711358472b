"""A certified representation of a front: plans, and corners of what may still be missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.formulation.front_gap import Axes, gap
from recommender.formulation.solve_single_service import Solution
from recommender.fronts.dominance import nondominated


@dataclass(frozen=True, slots=True)
class Point:
    """A plan and its place on the axes, in whole canonical units."""

    values: Axes
    solution: Solution


@dataclass(frozen=True, kw_only=True)
class Certified:
    """Every plan is beaten by one of `points`, or is as large as one of `corners` on each axis.

    Attributes
    ----------
    points
        By rising values; no other point is as good on all axes.
    corners
        Corners of what may be missing; none when the front is complete.
    proven
        Whether exact methods stand for it.
    solves
        Programs solved.
    """

    points: tuple[Point, ...]
    corners: tuple[Axes, ...] = ()
    proven: bool = True
    solves: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.corners

    @cached_property
    def gap(self) -> float:
        """Each plan has a point that is larger by at most this share on every axis [1]."""
        return gap([p.values for p in self.points], self.corners)


def best_of(points: Iterable[Point]) -> tuple[Point, ...]:
    """Points that no other is at least as good as on all axes, by rising values."""
    known = sorted({p.values: p for p in points}.values(), key=lambda p: p.values)
    if not known or not known[0].values:
        return tuple(known[:1])
    kept = nondominated(np.array([p.values for p in known], np.int64))
    return tuple(known[int(i)] for i in kept)


def in_order(front: Certified, order: Sequence[int]) -> Certified:
    """The same front with its axes in another order."""

    def moved(values: Axes) -> Axes:
        return tuple(values[i] for i in order)

    return Certified(
        points=best_of(Point(moved(p.values), p.solution) for p in front.points),
        corners=tuple(moved(c) for c in front.corners),
        proven=front.proven,
        solves=front.solves,
    )
