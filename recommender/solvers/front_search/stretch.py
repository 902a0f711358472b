"""What a search between two points of a front is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.solvers.cover.problem import CoverProblem
from recommender.solvers.front_search.alike_zones import NO_ZONES, AlikeZones


@dataclass(frozen=True, slots=True)
class Place:
    """A point: its two sums, and the plan (column -> value)."""

    first: int
    second: int
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A program and its second sum; its costs are the first."""

    problem: CoverProblem
    second: tuple[int, ...]
    zones: AlikeZones = NO_ZONES

    def usable(self) -> bool:
        """Whether the search applies: it needs a covering row."""
        return bool(self.problem.covers)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a search between two points found.

    Attributes
    ----------
    points
        All points between, by rising first sum; None when the search was given up.
    cut
        Then a point of the front to cut the stretch at, where one is known.
    """

    points: list[Place] | None
    cut: Place | None = None
