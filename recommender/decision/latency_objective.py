"""`--minimize latency`: the smallest latency level that the limits allow, then the cheapest.

    levels   l_1 < ... < l_m = limit of the first target      geometric grid, 32 levels
    smallest l such that a plan within budget, power and counts holds the SLO with limit l

Feasibility is monotone in the level, so bisection over the grid finds the smallest one. Each
trial is decided on closed forms at their safe factor; the level found is then solved like any
other SLO, with simulated rates, and the next level is tried when that fails.

`cost,latency:2%` first solves for the goals before latency, then limits each by its optimum and
the share that it may lose:  f_i <= (1 + t_(i+1)) f_i*.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from recommender.decision.decider import Decider
from recommender.decision.limited_goals import goals_after, goals_before, limited
from recommender.decision.question import Question, question_of
from recommender.decision.rates import Rates, Trust
from recommender.enumeration.enumeration import Enumeration
from recommender.queueing.latency import target_s
from recommender.request.goals import Goal
from recommender.request.request import Request

LEVELS = 32
IDLE = 1e-9


def fastest(request: Request, enumeration: Enumeration, trust: Trust) -> tuple[Request, Question]:
    """The request at its smallest latency level, and the question to solve there."""
    goals = request.spec.goals
    at = [goal.objective for goal in goals].index("latency")
    question = question_of(request)
    if at:
        within = _limited_by(request, enumeration, trust, goals[: at + 1])
        if within is None:
            return request, question  # infeasible: the caller explains why
        question = within
    question = goals_after(question, goals, at)
    return fastest_level(request, enumeration, trust, question), question


def _limited_by(
    request: Request, enumeration: Enumeration, trust: Trust, goals: Sequence[Goal]
) -> Question | None:
    """The question with a limit on each goal before the last one; None without any plan."""
    question = question_of(request)
    rates = Rates(enumeration.table.law, request.workload, request.slo, trust)
    decision = Decider(enumeration.table, rates).decide(
        enumeration.market,
        goals_before(question, goals),
        time_limit_s=request.spec.time_limit,
        solver=request.spec.solver,
    )
    if not decision.purchase:
        return None
    return limited(question, goals, decision.purchase)


def fastest_level(
    request: Request, enumeration: Enumeration, trust: Trust, question: Question
) -> Request:
    """The request with the first target at the smallest feasible level of the grid.

    Unchanged when even its own limit is infeasible: the caller then explains why.
    """
    levels = latency_levels(request, enumeration)
    at = _bisect(
        levels, lambda level_s: _feasible(request, enumeration, level_s, Trust.SAFE, question)
    )
    if trust is Trust.SIMULATED:
        while at < len(levels) - 1 and not _feasible(
            request, enumeration, levels[at], trust, question
        ):
            at += 1
        while at > 0 and _feasible(request, enumeration, levels[at - 1], trust, question):
            at -= 1
    return _at_level(request, levels[at])


def latency_levels(request: Request, enumeration: Enumeration) -> tuple[float, ...]:
    """The grid: from the fastest idle replica to the limit of the first target [s]."""
    first = request.slo.primary
    law = enumeration.table.law
    if len(law) == 0:
        return (first.limit_s,)
    fastest = float(np.min(target_s(law, replace(request.workload, burstiness=1.0), first, IDLE)))
    if fastest >= first.limit_s:
        return (first.limit_s,)
    return tuple(float(x) for x in np.geomspace(fastest, first.limit_s, LEVELS + 1)[1:])


def _bisect(levels: Sequence[float], feasible: Callable[[float], bool]) -> int:
    """Position of the smallest feasible level; the last one when none is."""
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if feasible(levels[middle]):
            high = middle
        else:
            low = middle + 1
    return low


def _feasible(
    request: Request, enumeration: Enumeration, level_s: float, trust: Trust, question: Question
) -> bool:
    tighter = _at_level(request, level_s)
    rates = Rates(enumeration.table.law, tighter.workload, tighter.slo, trust)
    decision = Decider(enumeration.table, rates).decide(
        enumeration.market, question, time_limit_s=request.spec.time_limit
    )
    return bool(decision.purchase)


def _at_level(request: Request, level_s: float) -> Request:
    return replace(request, slo=request.slo.with_limit(0, level_s))
