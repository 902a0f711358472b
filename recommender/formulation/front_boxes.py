"""A front of two objectives in the making: its points, and boxes for all that is not known.

    box     where plans that no known point beats may still be:   low <= (f1, f2) <= high
    pieces  what is left of a box when a point of the front in it is known: above, and below
    gap     of points and lower corners of boxes (front_gap)

How boxes become smaller: mixed_front.
"""

from dataclasses import dataclass

from recommender.formulation.front_gap import gap
from recommender.formulation.single_service import Objective
from recommender.formulation.solve_single_service import Solution

Axis = Objective
"""Sums over groups; p99 and quality are axes by levels (`recommender.fronts`)."""
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MixedPoint:
    """A plan of the front, and its place in canonical units."""

    first: int
    second: int
    solution: Solution

    @property
    def values(self) -> Pair:
        """Both objectives."""
        return self.first, self.second


@dataclass(frozen=True, slots=True)
class Box:
    """Plans not known yet have low <= (f1, f2) <= high; a high of None is no limit."""

    low: Pair
    high: tuple[int | None, int]

    @property
    def is_empty(self) -> bool:
        """Whether no integers lie in it."""
        return self.low[1] > self.high[1] or (
            self.high[0] is not None and self.low[0] > self.high[0]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedFront:
    """Points by rising first objective, and what is known of the rest.

    Attributes
    ----------
    boxes
        Where further points may be; none when the front is complete.
    complete
        Whether no further point exists (but for the resolution).
    proven
        Whether an exact method stands for every point, and for what is excluded.
    solves
        Programs solved.
    resolution
        Step in the second objective; 1 is exact [canonical units].
    given_up
        Searches that took too long.
    interrupted
        Whether Ctrl-C ended it.
    """

    points: tuple[MixedPoint, ...]
    boxes: tuple[Box, ...]
    complete: bool
    proven: bool
    solves: int
    resolution: int = 1
    given_up: int = 0
    interrupted: bool = False

    @property
    def corners(self) -> tuple[Pair, ...]:
        """Lower corners of what may still exist."""
        return tuple(box.low for box in self.boxes)

    @property
    def gap(self) -> float:
        """Each plan has a point that is larger by at most this share on both axes [1]."""
        return gap([p.values for p in self.points], self.corners)


def pieces(box: Box, point: Pair, units: Pair) -> list[Box]:
    """What is left of a box of plans when a point of the front is known."""
    first, second = point[0] - units[0], point[1] - units[1]
    upper = Box(
        (box.low[0], max(box.low[1], point[1] + units[1])),
        (first if box.high[0] is None else min(box.high[0], first), box.high[1]),
    )
    lower = Box(
        (max(box.low[0], point[0] + units[0]), box.low[1]),
        (box.high[0], min(box.high[1], second)),
    )
    return [piece for piece in (upper, lower) if not piece.is_empty]
