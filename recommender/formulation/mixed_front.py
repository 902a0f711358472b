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
from dataclasses import replace

from recommender.formulation.front_boxes import Axis, MixedFront
from recommender.formulation.front_walk import Walk
from recommender.formulation.single_service import SingleService


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
    walk = Walk(question, (first, second), resolution, time_limit_s, resume, told)
    try:
        walk.go(enough)
    except KeyboardInterrupt:
        return replace(walk.front(), interrupted=True)
    return walk.front()
