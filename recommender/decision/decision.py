"""A decision: what to buy, the solution that it rests on, and what it adds up to."""

from collections.abc import Callable
from dataclasses import dataclass

from recommender.decision.day import Day
from recommender.decision.purchase_value import group_value
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods_passes import OF_THE_PEAK
from recommender.formulation.single_service import Objective
from recommender.formulation.solve_single_service import Solution
from recommender.solvers.outcome import Status

Purchase = tuple[tuple[FailureGroup, int], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A solution, what it buys, and how many rounds of refinement it took."""

    solution: Solution
    purchase: Purchase
    """(failure group, how many); empty without a plan. Over a day, that of its peak."""
    rounds: int
    day: Day | None = None
    fleets: tuple[Purchase, ...] = ()
    """Over a day: what runs in each of its blocks."""
    notes: tuple[str, ...] = ()
    """What time did not suffice for beside the optimum, in words."""
    gap_condition: str = ""
    """What the gap rests on where its rates are not those of the plan; blank elsewhere."""
    interrupted: bool = False
    """Whether the user cut it short: then nothing more is asked of it."""

    @property
    def is_open(self) -> bool:
        """Whether time did not suffice to find a plan, or to show that there is none."""
        return not self.purchase and self.solution.outcome.status is not Status.INFEASIBLE

    @property
    def cost_usd_per_h(self) -> float:
        """What it costs; over a day the mean, start-ups included."""
        if self.day is not None and self.fleets:
            return self.day.mean_cost_usd_per_h(self.fleets)
        return sum(group.usd_per_h * count for group, count in self.purchase)

    def mean(self, value: Callable[[FailureGroup], float]) -> float:
        """What a value of groups adds up to; over a day its mean."""
        if self.day is not None and self.fleets:
            return self.day.mean(self.fleets, value)
        return float(sum(value(group) * count for group, count in self.purchase))

    @property
    def kinds(self) -> tuple[FailureGroup, ...]:
        """Every kind of group that it buys, at any time."""
        return tuple(group for fleet in self.fleets or (self.purchase,) for group, _ in fleet)

    def most(self, value: Callable[[FailureGroup], float]) -> float:
        """What a value of groups adds up to at its largest."""
        return max(
            (sum(value(g) * n for g, n in fleet) for fleet in self.fleets or (self.purchase,)),
            default=0.0,
        )


def value_of(objective: Objective, decision: Decision) -> float:
    """Value of an objective, in its unit: over a day its mean, or that of its busiest moment."""
    if objective == "cost":
        return decision.cost_usd_per_h
    at_most = decision.most if objective in OF_THE_PEAK else decision.mean
    return at_most(lambda group: group_value(objective, group))
