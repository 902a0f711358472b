r"""Exact front of mixed plans over two objectives of the program, in boxes.

    point   a plan of the front, by its two objectives in integers            (f1, f2)
    box     where plans that no known point beats may still be:   low <= (f1, f2) <= high
    start   least f1, then f2          end   least f2, then f1       one box between them

    Each step takes a box and makes it smaller, by one of
    search  all points of the box at once (searched_front), where that applies
    half    min f1, then f2, below half of its f2: a point of the front cuts the box in two,
            and no plan at all closes its lower half
    walk    min f1 below its largest f2: the next point from above; f2 falls strictly
    until   no box is left

Every rule removes only plans that a known point is at least as good as, or that an exact solve
excludes; so each plan is beaten by a point, or lies in a box. Unsupported points are found like the
others. A solve that its share of the time does not decide leaves its bound in the box, and its best
plan as a point without proof.

What is known at any time is a certified representation: the gap (front_gap) of points and lower
corners of boxes. Boxes of the largest gap are halved first; when none is above WALK, they are
walked through, which takes one solve per point. The front can be resumed from its boxes.

With a resolution above 1 a box that is less than it high in f2 is left: then each plan has a point
with no larger f1, and an f2 less than one resolution away.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from recommender.formulation.front_gap import gap
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution

Axis = Literal["cost", "power", "accelerators", "nodes", "carbon", "energy"]
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

    @property
    def complete_above(self) -> int | None:
        """The front holds every point whose second objective is larger; None: all of them."""
        return max((box.high[1] for box in self.boxes), default=None)


def mixed_front(
    question: SingleService,
    *,
    first: Axis = "cost",
    second: Axis = "power",
    resolution: int = 1,
    time_limit_s: float = 60.0,
    enough: float = 0.0,
    resume: MixedFront | None = None,
    told: Callable[[MixedFront], None] = lambda front: None,
) -> MixedFront:
    """All plans that no other beats on both axes, as far as the time allows.

    Parameters
    ----------
    resolution
        Least step in the second objective [canonical units: 1e-4 USD/h, W, count, g/h].
    enough
        Stop as soon as the gap is no larger [1].
    resume
        A front of the same question that stopped early.
    told
        Hears every few seconds of the front so far.
    """
    from recommender.formulation.front_walk import Walk

    walk = Walk(question, (first, second), resolution, time_limit_s, resume, told)
    try:
        walk.go(enough)
    except KeyboardInterrupt:
        return replace(walk.front(), interrupted=True)
    return walk.front()


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
