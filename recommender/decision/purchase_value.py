"""Value of an objective at a purchase: the sum over its groups, in the unit that people read."""

from collections.abc import Sequence

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import Objective


def purchase_value(objective: Objective, bought: Sequence[tuple[FailureGroup, int]]) -> float:
    """Value of an objective at a purchase, in its unit ($/h, W, accelerators, nodes, g/h)."""
    return float(sum(group_value(objective, group) * count for group, count in bought))


def group_value(objective: Objective, group: FailureGroup) -> float:
    """Value of an objective at one group, in its unit."""
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
            return group.carbon_g_per_h or 0.0  # known: the program refuses unknown carbon
        case "energy":
            return group.planned_w or 0.0  # known: every group gets it when energy is minimised
