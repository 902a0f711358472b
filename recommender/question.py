"""The program that a request asks for, given the groups that can be bought."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import Objective as ProgramObjective
from recommender.formulation.single_service import SingleService
from recommender.spec import Objective, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Demand, margins and limits of one service; `replace` gives its variants."""

    demand_per_s: float
    headroom: float
    failures: int
    budget_usd_per_h: float | None
    power_w: float | None
    max_accelerators: int | None
    max_nodes: int | None
    max_types: int | None
    objective: Objective
    single: bool

    def without(self, limit: str) -> "Question":
        """The same question without one of its limits, by field name."""
        changes: dict[str, Any] = {limit: None}
        return replace(self, **changes)

    @property
    def objectives(self) -> tuple[ProgramObjective, ...]:
        """What the program minimises in turn.

        The latency level is chosen outside (latency_objective.py); then the cheapest counts.
        """
        first: ProgramObjective = "cost" if self.objective == "latency" else self.objective
        return (first, "cost") if first == "power" else (first, "power")

    def about(self, groups: Sequence[FailureGroup]) -> SingleService:
        """The program over these groups."""
        return SingleService(
            groups=tuple(groups),
            demand_per_s=self.demand_per_s,
            headroom=self.headroom,
            failures=self.failures,
            budget_usd_per_h=self.budget_usd_per_h,
            power_w=self.power_w,
            max_accelerators=self.max_accelerators,
            max_nodes=self.max_nodes,
            max_types=self.max_types,
            objectives=self.objectives,
        )


def question_of(spec: Spec) -> Question:
    """The question that a spec asks."""
    return Question(
        demand_per_s=spec.qps,
        headroom=spec.headroom,
        failures=spec.failures,
        budget_usd_per_h=spec.budget,
        power_w=spec.power,
        max_accelerators=spec.max_accelerators,
        max_nodes=spec.max_nodes,
        max_types=spec.max_types,
        objective=spec.minimize,
        single=spec.single,
    )


def objective_of(objective: ProgramObjective, bought: Sequence[tuple[FailureGroup, int]]) -> float:
    """Value of an objective at a purchase, in its unit ($/h, W, accelerators, nodes)."""
    return float(sum(_per_group(objective, group) * count for group, count in bought))


def _per_group(objective: ProgramObjective, group: FailureGroup) -> float:
    match objective:
        case "cost":
            return group.usd_per_h
        case "power":
            return group.nameplate_w
        case "accelerators":
            return group.accelerators
        case "nodes":
            return group.nodes
        case "carbon":
            return group.carbon_g_per_h or 0.0
        case "carbon":
            return group.carbon_g_per_h or 0.0  # known: the program refuses unknown carbon
