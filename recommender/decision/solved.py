"""A question's program solved once, at the rates as they are: one rate, or a day of periods."""

from collections.abc import Mapping

from recommender.decision.decision import Purchase
from recommender.decision.question import Question
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import OverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service

Solved = tuple[Solution, tuple[Purchase, ...]]
"""The solution, and what it buys: one fleet, or one for each block of the day."""


def solved(
    problem: SingleService, question: Question, solver: str | None, time_limit_s: float
) -> Solved:
    """The best of the groups of a problem, within seconds."""
    day = question.day
    if day is None:
        solution = solve_single_service(problem, solver=solver, time_limit_s=time_limit_s)
        return solution, (_bought(solution.counts, solution.groups),)
    from recommender.formulation.solve_periods import solve_over_day

    over = OverDay(problem, day.blocks, day.start_up_min, stated=1 + len(question.then))
    found = solve_over_day(over, solver=solver, time_limit_s=time_limit_s)
    return found.solution, tuple(_bought(fleet, found.groups) for fleet in found.fleets)


def _bought(counts: Mapping[str, int], groups: Mapping[str, FailureGroup]) -> Purchase:
    return tuple((groups[name], number) for name, number in counts.items())
