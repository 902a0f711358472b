"""The steps that make a front of two objectives complete, box by box (see mixed_front)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from math import gcd

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.front_boxes import Axis, Box, MixedFront, MixedPoint, Pair, pieces
from recommender.formulation.front_gap import factors
from recommender.formulation.searched_front import MOST_GIVEN_UP, Stretches, stretches
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.solvers.outcome import Status
from recommender.solvers.prove import DECIDED, is_proven

WALK = 0.01
"""Boxes of a smaller gap than 1 % are walked through instead of halved."""
TOLD_EVERY_S = 2.0
SHARE_OF_TIME = 0.2
LEAST_S = 2.0
"""A solve after the first takes at most this share of the time that is left, or so long."""
SEARCHES_PER_S = 5
"""A long search without an answer counts as so many: then bounds do not fit, and solves do."""


class Walk:
    """A front under construction."""

    def __init__(
        self,
        question: SingleService,
        axes: tuple[Axis, Axis],
        resolution: int,
        time_limit_s: float,
        resume: MixedFront | None,
        told: Callable[[MixedFront], None] = lambda front: None,
    ) -> None:
        self._told, self._told_s = told, time.perf_counter()
        self._question, self._axes, self._resolution = question, axes, resolution
        self._deadline = time.perf_counter() + time_limit_s
        self._groups = {g.name: g for g in replace(question, prune=False).columns}
        self._units = (self._unit(axes[0]), self._unit(axes[1]))
        self._searched: Stretches | None = None
        self._is_read = False
        self._is_tried = False
        self.points = {} if resume is None else {p.values: p for p in resume.points}
        self.boxes = [Box((0, 0), (None, 1 << 60))] if resume is None else [*resume.boxes]
        self.proven = resume is None or resume.proven
        self.solves = 0 if resume is None else resume.solves
        self.given_up = 0 if resume is None else resume.given_up

    def _unit(self, axis: Axis) -> int:
        return reduce(gcd, (ATTRIBUTES[axis](g) for g in self._groups.values()), 0) or 1

    def go(self, enough: float) -> None:
        """Until no box is left, the time is up or the gap is small enough."""
        while self.boxes and time.perf_counter() < self._deadline:
            box, factor = self._widest()
            if self.points and 0 < factor - 1 <= enough:
                return
            self.boxes.remove(box)
            try:
                self._take(box, factor)
                if time.perf_counter() - self._told_s > TOLD_EVERY_S:
                    self._told(self.front())
                    self._told_s = time.perf_counter()
            except BaseException:
                self.boxes.append(box)  # nothing that is not known to be empty gets lost
                raise

    def _take(self, box: Box, factor: float) -> None:
        """One step in a box that is then replaced by what is left of it."""
        if not self.points:
            self._start(box)
        elif box.high[0] is None and not self._is_tried:
            self._end(box)
        elif not self._search(box):
            self._solve_in(box, halve=factor - 1 > WALK)

    def front(self) -> MixedFront:
        """What is known now."""
        kept: list[MixedPoint] = []
        for _, point in sorted(self.points.items()):
            if not kept or point.second < kept[-1].second:
                kept.append(point)
        return MixedFront(
            points=tuple(kept),
            boxes=tuple(sorted(self.boxes, key=lambda box: box.low)),
            complete=not self.boxes,
            proven=self.proven,
            solves=self.solves,
            resolution=self._resolution,
            given_up=self.given_up,
        )

    def _widest(self) -> tuple[Box, float]:
        """The box of the largest gap; of equals the one with the smallest first objective."""
        shares = factors([*self.points], [box.low for box in self.boxes])
        at = int(shares.argmax())
        return self.boxes[at], float(shares[at])

    def _start(self, box: Box) -> None:
        """Least first objective; closes everything when there is no plan at all."""
        solution = self._solve(self._axes)
        if solution.outcome.status is Status.OPTIMAL:
            point = self._add(solution)
            low = (point[0] + self._step(solution, 0), 0)
            self._open([Box(low, (None, point[1] - self._units[1]))])
        elif solution.outcome.status is not Status.INFEASIBLE:
            self._open_still(solution, Box((self._bound(solution), 0), box.high))
            if not self.points:
                self._deadline = 0.0

    def _end(self, box: Box) -> None:
        """Least second objective: the last point of the front, or a bound of it."""
        first, second = self._axes
        self._is_tried = True
        solution = self._solve((second, first))
        if solution.outcome.status is not Status.OPTIMAL:
            least = max(box.low[1], self._bound(solution, second))
            self._open_still(solution, Box((box.low[0], least), box.high))
            return
        point = self._add(solution)
        high = (point[0] - self._units[0], box.high[1])
        self._open([Box((box.low[0], point[1] + self._step(solution, 1)), high)])

    def _open_still(self, solution: Solution, box: Box) -> None:
        """A box whose solve was not decided, without what its best plan beats."""
        boxes = [box]
        if solution.counts:
            first, second = self._add(solution)
            left = None if box.high[0] is None else min(box.high[0], first - self._units[0])
            left = first - self._units[0] if left is None else left
            right = (max(first, box.low[0]), box.low[1])
            below = (box.high[0], min(box.high[1], second - self._units[1]))
            boxes = [Box(box.low, (left, box.high[1])), Box(right, below)]
        self.boxes += [each for each in boxes if not each.is_empty]

    def _search(self, box: Box) -> bool:
        """Points of the box by search; False where it does not apply or took too long."""
        if not self._is_read:
            exact = self._resolution == 1
            first, second = self._axes
            self._searched = (
                stretches(self._question, first=first, second=second) if exact else None
            )
            self._is_read = True
        if self._searched is None or self.given_up >= MOST_GIVEN_UP:
            return False
        ends = self._ends_of(box)
        if ends is None:
            return False
        start = time.perf_counter()
        found = self._searched.between(*ends, deadline=self._deadline)
        if found.points is None:
            left = [box]
            if found.cut is not None:
                left = pieces(box, self._add(self._searched.solution(found.cut)), self._units)
            self.given_up += (left == [box]) + int(SEARCHES_PER_S * (time.perf_counter() - start))
            if left == [box]:
                return False
            self._open(left)
            return True
        for place in found.points:
            self._add(self._searched.solution(place))
        return True

    def _ends_of(self, box: Box) -> tuple[Solution, Solution] | None:
        """Known points at the two open corners of a box; None where there are none."""
        start = max((p for p in self.points if p[0] < box.low[0]), default=None)
        end = min((p for p in self.points if p[1] < box.low[1]), default=None)
        if start is None or end is None or start[1] < box.high[1]:
            return None
        return self.points[start].solution, self.points[end].solution

    def _solve_in(self, box: Box, *, halve: bool) -> None:
        """A point of the lower half of a box, or the next point from above."""
        low, high = box.low, box.high
        middle = (low[1] + high[1]) // 2 if halve else high[1]
        part = Box(low, (high[0], middle))
        rest = Box((low[0], middle + 1), high)
        solution = self._solve(self._axes if halve else self._axes[:1], part)
        if solution.outcome.status is Status.INFEASIBLE:
            self._open([rest])
        elif solution.outcome.status is not Status.OPTIMAL:
            least = max(low[0], self._bound(solution))
            self._open_still(solution, Box((least, low[1]), part.high))
            self.boxes += [] if rest.is_empty else [rest]
        elif self._is_beyond(box, point := self._add(solution)):
            self._open([rest])
        else:
            above = Box(rest.low, (point[0] - self._units[0], high[1]))
            least = point[0] + (self._step(solution, 0) if halve else 0)
            self._open([above, Box((least, low[1]), (high[0], point[1] - self._units[1]))])

    def _is_beyond(self, box: Box, least: Pair) -> bool:
        """Whether the least first objective of a part is beyond the box: the part is empty."""
        return box.high[0] is not None and least[0] > box.high[0]

    def _solve(self, objectives: Sequence[Objective], part: Box | None = None) -> Solution:
        """An optimum; of a part, one with the second objective below its upper corner."""
        ceilings = dict(self._question.ceilings)
        if part is not None:
            axis, most = self._axes[1], part.high[1]
            ceilings[axis] = min(most, ceilings.get(axis, most))
        asked = replace(self._question, objectives=tuple(objectives), ceilings=ceilings)
        left_s = max(0.01, self._deadline - time.perf_counter())
        seconds = min(left_s, max(LEAST_S, SHARE_OF_TIME * left_s)) if self.points else left_s
        solution = solve_single_service(asked, time_limit_s=seconds)
        self.solves += 1
        if solution.outcome.status in DECIDED:
            self.proven = self.proven and is_proven(solution.outcome)
        return solution

    def _step(self, solution: Solution, axis: int) -> int:
        """How much larger the next point is than an optimum; 0 where the tie was not decided."""
        return 0 if solution.outcome.message else self._units[axis]

    def _bound(self, solution: Solution, axis: Axis | None = None) -> int:
        """Least value of the first objective of a solve that did not end, by its bound."""
        if solution.gap is None:  # without a plan, or without a bound
            return 0 if solution.outcome.values else solution.outcome.bound or 0
        weight = ATTRIBUTES[axis or self._axes[0]]
        value = sum(weight(self._groups[p]) * n for p, n in solution.counts.items())
        return int(value * (1 - solution.gap) * (1 - 1e-9))

    def _open(self, boxes: Sequence[Box]) -> None:
        """Keep what is not empty; a known point is within a resolution of whatever is left out."""
        for box in boxes:
            if not box.is_empty and not self._is_near(box):
                self.boxes.append(box)

    def _is_near(self, box: Box) -> bool:
        """Whether one point is good enough for all of a box: no larger f1, f2 within the step.

        The point that a box hangs from is not known where its solve was not decided.
        """
        least = box.low[1] + self._resolution
        return self._resolution > 1 and any(
            first <= box.low[0] and second < least for first, second in self.points
        )

    def _add(self, solution: Solution) -> Pair:
        first, second = self._axes

        def total(axis: Axis) -> int:
            return sum(ATTRIBUTES[axis](self._groups[p]) * n for p, n in solution.counts.items())

        point = MixedPoint(total(first), total(second), solution)
        self.points[point.values] = point
        return point.values
