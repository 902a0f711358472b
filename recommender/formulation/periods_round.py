"""What a search for the cheapest round through a day with starts found (see periods_started)."""

from dataclasses import dataclass

from recommender.formulation.periods import Block
from recommender.solvers.fleet_search.fleets import Integers


@dataclass(frozen=True, slots=True)
class Best:
    """A round: what it costs [price x time], and its fleet in each period with demand."""

    cost: int
    fleets: list[Integers]


@dataclass(frozen=True, slots=True)
class Started:
    """The best round so far.

    Attributes
    ----------
    fleets
        Group name -> number, per period with demand.
    cost, bound
        What it costs, and what no day costs less than, in the unit of the program over the day.
    ties_broken
        Whether it is the best of its cost in the objectives that follow.
    """

    fleets: dict[Block, dict[str, int]]
    cost: int
    bound: int
    ties_broken: bool
