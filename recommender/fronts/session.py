"""One run over a front: its deadline, Ctrl-C, and the fronts of two objectives found so far.

Fronts of two objectives (or one) are the parts that larger ones are made of. They are kept by key,
so that a run which goes on finds them again and takes up the unfinished ones where they stopped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.front_boxes import Axis, Box, MixedFront, MixedPoint
from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.fronts.certified import Certified, Point
from recommender.fronts.front_file import Kept, Record, front_of, read, record_of, write
from recommender.solvers.outcome import Status
from recommender.solvers.prove import DECIDED, is_proven

WRITTEN_EVERY_S = 5.0


@dataclass(eq=False)
class Session:
    """What all parts of a run share.

    Attributes
    ----------
    deadline
        Time of time.perf_counter at which it ends.
    parts
        Key -> front of one or two objectives.
    file
        Where parts are kept, and taken up from; None keeps nothing.
    told
        Hears of the points and the gap of a part.
    """

    deadline: float
    step: int = 1
    parts: dict[str, MixedFront] = field(default_factory=dict)
    file: Path | None = None
    interrupted: bool = False
    told: Callable[[int, float], None] = lambda points, gap: None

    def __post_init__(self) -> None:
        self._kept = Kept() if self.file is None else read(self.file)
        self._written_s = time.perf_counter()

    def _known(
        self, key: str, question: SingleService, axes: tuple[Axis, ...]
    ) -> MixedFront | None:
        """A part of this run, or of the file."""
        if key not in self.parts and key in self._kept.parts:
            self.parts[key] = front_of(self._kept.parts[key], question, axes, self.step)
        return self.parts.get(key)

    def _keep(
        self, key: str, front: MixedFront, question: SingleService, axes: tuple[Axis, ...]
    ) -> None:
        self.parts[key] = front
        if self.file is None:
            return
        self._kept.parts[key] = record_of(front, question, axes, self.step)
        if self.interrupted or time.perf_counter() - self._written_s > WRITTEN_EVERY_S:
            self.save()

    @property
    def rates(self) -> Record | None:
        """The simulated rates that the file holds."""
        return self._kept.rates

    def keep_rates(self, record: Record) -> None:
        """Keep the rates that all parts rest on; parts that rest on fewer of them are void."""
        if self._kept.rates not in (None, record):
            self._kept.parts.clear()
        self._kept.rates = record
        self.save()

    def save(self) -> None:
        """Write the file, if there is one."""
        if self.file is not None:
            write(self.file, self._kept)
            self._written_s = time.perf_counter()

    def is_over(self) -> bool:
        """Whether nothing more is to be solved."""
        return self.interrupted or time.perf_counter() >= self.deadline

    def two(
        self, question: SingleService, axes: tuple[Axis, Axis], key: str, enough: float
    ) -> Certified:
        """Front of two objectives of the program."""
        front = self._known(key, question, axes)

        def told(now: MixedFront) -> None:
            self._keep(key, now, question, axes)
            self.told(len(now.points), now.gap)

        if not self._is_enough(front, enough):
            try:
                front = mixed_front(
                    question,
                    first=axes[0],
                    second=axes[1],
                    resolution=self.step,
                    time_limit_s=max(0.01, self.deadline - time.perf_counter()),
                    enough=enough,
                    resume=front,
                    told=told,
                )
                self.interrupted = self.interrupted or front.interrupted
                told(front)
            except KeyboardInterrupt:
                self.interrupted = True
        return _certified(front, 2)

    def _is_enough(self, front: MixedFront | None, enough: float) -> bool:
        if front is None:
            return self.interrupted
        return front.complete or 0 < front.gap <= enough or self.is_over()

    def one(self, question: SingleService, axis: Axis, key: str) -> Certified:
        """The least value of one objective, as a front of one point."""
        front = self._known(key, question, (axis,))
        if front is None or not (front.complete or self.is_over()):
            try:
                front = self._solved(replace(question, objectives=(axis,)), axis)
            except KeyboardInterrupt:
                self.interrupted = True
            else:
                self._keep(key, front, question, (axis,))
        return _certified(front, 1)

    def _solved(self, question: SingleService, axis: Axis) -> MixedFront:
        seconds = max(0.01, self.deadline - time.perf_counter())
        solution = solve_single_service(question, time_limit_s=seconds)
        outcome = solution.outcome
        value = sum(ATTRIBUTES[axis](g) * solution.counts.get(g.name, 0) for g in question.columns)
        decided = outcome.status in DECIDED
        points = (MixedPoint(value, 0, solution),) if outcome.values else ()
        return MixedFront(
            points=points,
            boxes=() if decided else (Box((outcome.bound or 0, 0), (None, 0)),),
            complete=decided,
            proven=not decided or is_proven(outcome),
            solves=1,
        )


def _certified(front: MixedFront | None, width: int) -> Certified:
    if front is None:
        return Certified(points=(), corners=((0,) * width,))
    decided = (Status.OPTIMAL, Status.FEASIBLE)
    return Certified(
        points=tuple(
            Point(p.values[:width], p.solution)
            for p in front.points
            if p.solution.outcome.status in decided
        ),
        corners=tuple(corner[:width] for corner in front.corners),
        proven=front.proven,
        solves=front.solves,
    )
