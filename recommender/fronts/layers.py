r"""One more objective: fronts of the others, layer by layer under a falling limit of the last one.

    layer(e)   front F(e) of the other objectives over the plans with last objective <= e
    span       (lo, hi] with the layer of its upper end: plans with  lo <= last <= hi

Each plan of a span is beaten, on the other axes, by a point of F(hi), or is as large as an open
corner c of it; so it is as large as (c, lo) on all axes, for a c among the points and open corners
of F(hi). These are the corners of the span, without those that a known point reaches: when none
is left, the span is closed; when no span is left, the front is complete.

    split      lo .. hi at m:    lo .. m with F(m)    and    m + 1 .. hi with F(hi)
               m half way up to the largest value that F(hi) has; one below it when the gap is small

Spans of the largest gap come first, so that what is known when time is up is evenly certified. A
layer that is not complete itself is refined when it has more than half of the gap.

The ladder of the last objective is all integers (a limit of the program) or a grid (levels of p99
or of quality, at each of which there is another program). Where a higher level need not hold every
plan of a lower one (rows that compare rates), nothing is concluded from layers above.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isinf
from typing import Protocol

import numpy as np

from recommender.formulation.front_gap import Axes, factors
from recommender.formulation.front_walk import WALK
from recommender.fronts.certified import Certified, Point, best_of

FIRST_GAP = 0.02
"""How well the first layer is known before it is split."""
REFINED = 4
"""A layer is asked for a gap that is so many times smaller than that of its span."""


class Ladder(Protocol):
    """The values that the last objective may be limited to, by position."""

    @property
    def lowest(self) -> int:
        """Position below which there is no plan."""

    @property
    def highest(self) -> int:
        """Position that limits nothing."""

    @property
    def width(self) -> int:
        """Objectives besides the last one."""

    @property
    def nested(self) -> bool:
        """Whether every plan of a position is one of each higher position."""

    def value(self, position: int) -> int:
        """Last objective of a position [canonical]."""

    def reached(self, point: Point, position: int) -> int:
        """Position that a point of the layer of `position` really needs."""

    def layer(self, position: int, enough: float) -> Certified:
        """Front of the other objectives, to a gap of `enough` where the time allows."""


@dataclass(eq=False)
class Span:
    """Positions lo..hi; corners that no point reaches yet, and their factors over `seen` points."""

    lo: int
    hi: int
    layer: Certified
    corners: list[Axes]
    factors: np.ndarray[tuple[int], np.dtype[np.float64]]
    seen: int = 0

    def factor(self, points: list[Point]) -> float:
        """Largest factor of a corner, at least 1."""
        values = [p.values for p in points[self.seen :]]
        self.seen = len(points)
        if values and self.corners:
            np.minimum(self.factors, factors(values, self.corners), out=self.factors)
            left = np.flatnonzero(self.factors > 1)
            self.corners = [self.corners[int(i)] for i in left]
            self.factors = self.factors[left]
        return float(self.factors.max(initial=1.0))


def layered(
    ladder: Ladder,
    *,
    enough: float = 0.0,
    is_over: Callable[[], bool],
    told: Callable[[int, float], None] = lambda points, gap: None,
) -> Certified:
    """The front with the ladder's objective last; `told` hears of points and gap."""
    layers = Layers(ladder)
    top = layers.ask(ladder.highest, max(enough, FIRST_GAP))
    spans = layers.span(ladder.lowest, ladder.highest, top)
    while spans:
        widest = max(spans, key=lambda s: s.factor(layers.points))
        share = widest.factor(layers.points) - 1
        told(len(layers.points), share)
        if share <= enough or is_over():
            break
        spans.remove(widest)
        spans += layers.closer(widest, share)
    open_corners = [c for s in spans if s.factor(layers.points) > 1 for c in s.corners]
    return Certified(
        points=best_of(layers.points),
        corners=tuple(dict.fromkeys(open_corners)),
        proven=all(layer.proven for layer in layers.asked),
        solves=sum(layer.solves for layer in layers.asked),
    )


class Layers:
    """The layers asked for so far, and all their points."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._known: dict[Axes, Point] = {}
        self.points: list[Point] = []
        self.asked: list[Certified] = []

    def ask(self, position: int, gap: float) -> Certified:
        """A layer, whose points are then known."""
        layer = self._ladder.layer(position, gap)
        self.asked.append(layer)
        for p in layer.points:
            at = self._ladder.value(self._ladder.reached(p, position))
            values = (*p.values, at)
            if values not in self._known:
                self._known[values] = Point(values, p.solution)
                self.points.append(self._known[values])
        return layer

    def span(self, lo: int, hi: int, layer: Certified) -> list[Span]:
        """The span of a layer, unless it excludes every plan."""
        if lo < hi and not self._ladder.nested:
            subs: list[Axes] = [(0,) * self._ladder.width]
        else:
            subs = [*(p.values for p in layer.points), *layer.corners]
        corners = [(*c, self._ladder.value(lo)) for c in subs]
        return [Span(lo, hi, layer, corners, np.full(len(corners), np.inf))] if corners else []

    def closer(self, span: Span, share: float) -> list[Span]:
        """What takes the place of a span with a gap of `share`."""
        layer, wanted = span.layer, share / REFINED
        if share < WALK:
            wanted = 0.0
        elif isinf(share):
            wanted = FIRST_GAP
        reach = self._reach(span)
        if not layer.complete and (reach <= span.lo or layer.gap > share / 2):
            return self.span(span.lo, span.hi, self.ask(span.hi, wanted))
        if reach <= span.lo:
            return []
        walk = share < WALK and self._ladder.nested
        middle = reach - 1 if walk else (span.lo + reach - 1) // 2
        lower = self.span(span.lo, middle, self.ask(middle, wanted))
        if self._ladder.nested:  # what is known from above may be more
            lower += self.span(span.lo, middle, layer) if lower else []
            lower = sorted(lower, key=lambda s: s.factor(self.points))[:1]
        return [*lower, *self.span(middle + 1, span.hi, layer)]

    def _reach(self, span: Span) -> int:
        """Largest position that the points of the span's layer need."""
        if not self._ladder.nested:
            return span.hi
        reached = (self._ladder.reached(p, span.hi) for p in span.layer.points)
        return min(span.hi, max(reached, default=span.hi))
