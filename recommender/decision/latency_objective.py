"""`--minimize latency`: the smallest latency level that the limits allow, then the cheapest.

    levels   l_1 < ... < l_m = limit of the first target      geometric grid, 32 levels
    smallest l such that a plan within budget, power and counts holds the SLO with limit l

Feasibility is monotone in the level, so bisection over the grid finds the smallest one. Each
trial is decided on closed forms at their safe factor; the level found is then solved like any
other SLO, with simulated rates, and the next level is tried when that fails.

`cost,latency:2%` first solves for the goals before latency, then limits each by its optimum and
the share that it may lose:  f_i <= (1 + t_(i+1)) f_i*. What time did not suffice for leaves a
doubt, and the plan is then not called optimal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from recommender.decision.decider import Decider
from recommender.decision.limited_goals import goals_after, goals_before, limited
from recommender.decision.question import Question, question_of
from recommender.decision.rates import Rates, Trust
from recommender.enumeration.enumeration import Enumeration
from recommender.queueing.latency import target_s
from recommender.request.goals import Goal
from recommender.request.request import Request
from recommender.solvers.outcome import Status

LEVELS = 32
IDLE = 1e-9


@dataclass(frozen=True, slots=True)
class Fastest:
    """The request at its smallest latency level, the question to solve there, and any doubts."""

    request: Request
    question: Question
    doubts: tuple[str, ...] = ()


def fastest(request: Request, enumeration: Enumeration, trust: Trust) -> Fastest:
    """What is to be solved where latency is an objective."""
    goals = request.spec.goals
    at = [goal.objective for goal in goals].index("latency")
    question = question_of(request)
    doubts: list[str] = []
    if at:
        within = _limited_by(request, enumeration, trust, goals[: at + 1], doubts)
        if within is None:
            return Fastest(request, question)  # infeasible: the caller explains why
        question = within
    question = goals_after(question, goals, at)
    return fastest_level(request, enumeration, trust, question, doubts)


def _limited_by(
    request: Request,
    enumeration: Enumeration,
    trust: Trust,
    goals: Sequence[Goal],
    doubts: list[str],
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
    if decision.solution.outcome.status is not Status.OPTIMAL:
        doubts.append(f"{goals[0].objective} was not proven least before latency")
    return limited(question, goals, decision.purchase)


def fastest_level(
    request: Request,
    enumeration: Enumeration,
    trust: Trust,
    question: Question,
    doubts: Sequence[str] = (),
) -> Fastest:
    """The request with the first target at the smallest feasible level of the grid.

    Unchanged when even its own limit is infeasible: the caller then explains why.
    """
    levels = latency_levels(request, enumeration)
    trials = _Trials(request, enumeration, question)
    at = _bisect(levels, lambda level_s: trials.feasible(level_s, Trust.SAFE))
    if trust is Trust.SIMULATED:
        while at < len(levels) - 1 and not trials.feasible(levels[at], trust):
            at += 1
        while at > 0 and trials.feasible(levels[at - 1], trust):
            at -= 1
    missed = sorted(level_s for level_s in trials.undecided if level_s < levels[at])[:1]
    late = (
        f"{request.slo.primary.name} of {1000 * level_s:.4g} ms was not ruled out in time; "
        "raise --time-limit"
        for level_s in missed
    )
    return Fastest(_at_level(request, levels[at]), question, (*doubts, *late))


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


@dataclass(frozen=True)
class _Trials:
    """Levels that are tried, and those of them [s] that time did not suffice for."""

    request: Request
    enumeration: Enumeration
    question: Question
    undecided: set[float] = field(default_factory=set)

    def feasible(self, level_s: float, trust: Trust) -> bool:
        """Whether a plan is found that holds the first target at a level."""
        tighter, table = _at_level(self.request, level_s), self.enumeration.table
        rates = Rates(table.law, tighter.workload, tighter.slo, trust)
        decision = Decider(table, rates).decide(
            self.enumeration.market,
            self.question,
            time_limit_s=self.request.spec.time_limit,
            solver=self.request.spec.solver,
        )
        if decision.is_open:
            self.undecided.add(level_s)
        return bool(decision.purchase)


def _at_level(request: Request, level_s: float) -> Request:
    return replace(request, slo=request.slo.with_limit(0, level_s))
