"""Objectives in turn: `cost,power`; `cost,latency:2%` is the cheapest, then fastest within 2 %.

    goal 1        min f1
    goal i > 1    min fi   subject to   f(i-1) <= (1 + t_i) * its optimum

Symbol  Meaning                                                      Unit
f       an objective                                                 its own
t_i     how much the goal before may lose for this one, `:2%`        1
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from recommender.request import quantity
from recommender.request.blanks import parts

Objective = Literal[
    "cost", "latency", "power", "accelerators", "nodes", "carbon", "energy", "quality"
]
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)

OUTSIDE: tuple[Objective, ...] = ("latency", "quality")
"""Objectives that are no sum over columns: a level of them is chosen outside of the program."""
LIMITED = ("cost", "power", "accelerators", "nodes", "carbon")
"""Objectives that may be given up by a share: the program can limit them."""


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective, and the share that the goal before it may lose for it."""

    objective: Objective
    tolerance: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.objective}:{100 * self.tolerance:.12g}%" if self.tolerance else self.objective
        )


def goals_of(text: str) -> tuple[Goal, ...]:
    """The goals of `cost,latency:2%`; ValueError says what is wrong and what would be right."""
    if not text.strip(" ,"):
        raise ValueError(f"minimize {text!r} names no objective; known are {', '.join(OBJECTIVES)}")
    goals = tuple(_goal(part) for part in parts(text, ","))
    names = [goal.objective for goal in goals]
    if len(set(names)) < len(names):
        raise ValueError(f"minimize {text!r} names an objective twice")
    if goals[0].tolerance:
        raise ValueError(
            f"minimize {text!r}: the share is what the objective before may lose, as in "
            "cost,latency:2%; the first has none before it"
        )
    for before, goal in pairwise(goals):
        if before.objective not in LIMITED and (goal.tolerance or goal.objective in OUTSIDE):
            raise ValueError(
                f"minimize {text!r}: {before.objective} cannot be limited by a share; "
                f"one of {', '.join(LIMITED)} can"
            )
    return goals


def last_minimised(goals: Sequence[Goal]) -> Objective:
    """What the program of the plan minimises: the goal after one whose level is chosen outside of
    it, else the first that is a sum; cost where there is none.
    """
    names = [goal.objective for goal in goals]
    outside = [number for number, name in enumerate(names) if name in OUTSIDE]
    after = names[outside[0] + 1 :] if outside else names
    return next((name for name in (*after, *names) if name not in OUTSIDE), "cost")


def _goal(part: str) -> Goal:
    name, separator, share = part.strip().lower().partition(":")
    name = name.strip()
    for objective in OBJECTIVES:
        if objective == name:
            return Goal(objective, quantity.fraction(share) if separator else 0.0)
    raise ValueError(f"unknown objective {name!r}; known are {', '.join(OBJECTIVES)}")
