"""Objectives given up to limits: those before one whose level is chosen outside of the program.

    f_i  <=  (1 + t_(i+1)) f_i*

Symbol    Meaning                                                        Unit
f_i       an objective before latency or quality, and f_i* its optimum   its own
t_(i+1)   what it may lose for the goal after it, `:2%`                  1
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from recommender.decision.question import Question
from recommender.formulation.failure_group import FailureGroup
from recommender.program.canonical import (
    PRICE_UNITS_PER_USD,
    carbon_units,
    power_units,
    price_units,
)
from recommender.request.goals import Goal, Objective

Bought = Sequence[tuple[FailureGroup, int]]

LIMIT_OF: dict[Objective, str] = {
    "cost": "budget_usd_per_h",
    "power": "power_w",
    "accelerators": "max_accelerators",
    "nodes": "max_nodes",
    "carbon": "carbon_g_per_h",
}
"""Objective -> field of the question that limits it."""


def canonical_use(objective: Objective, bought: Bought) -> float:
    """What a purchase uses of an objective, rounded up as the program does: it fits as a limit."""
    used: float = 0
    for group, count in bought:
        match objective:
            case "cost":
                used += count * price_units(usd_per_h=group.usd_per_h) / PRICE_UNITS_PER_USD
            case "power":
                used += count * power_units(watts=group.nameplate_w)
            case "carbon":
                used += count * carbon_units(grams=group.carbon_g_per_h or 0.0)
            case "accelerators":
                used += count * group.accelerators
            case "nodes":
                used += count * group.nodes
    return round(used, 4)


def limited(question: Question, goals: Sequence[Goal], bought: Bought) -> Question:
    """The question with each goal but the last as a limit, at its value in a purchase."""
    for before, goal in pairwise(goals):
        field, used = LIMIT_OF[before.objective], canonical_use(before.objective, bought)
        most, stated = used * (1 + goal.tolerance), getattr(question, field)
        tighter: dict[str, Any] = {field: most if stated is None else min(most, stated)}
        question = replace(question, **tighter)
    return question


def goals_before(question: Question, goals: Sequence[Goal]) -> Question:
    """The question that minimises each goal but the last in turn."""
    first, *then = [goal.objective for goal in goals[:-1]]
    tolerances = tuple(goal.tolerance for goal in goals[1:-1])
    return replace(question, objective=first, then=tuple(then), tolerances=tolerances)


def goals_after(question: Question, goals: Sequence[Goal], at: int) -> Question:
    """The question that minimises the goals after the one at a place, else those before again.

    Where it is the only one, cost is what remains to be minimised (`Question.objectives`).
    """
    rest = goals[at + 1 :] or goals[:at] or goals[at : at + 1]
    then = tuple(goal.objective for goal in rest[1:])
    tolerances = tuple(goal.tolerance for goal in rest[1:])
    return replace(question, objective=rest[0].objective, then=then, tolerances=tolerances)
