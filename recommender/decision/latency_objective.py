"""`--minimize latency`: the smallest latency level that the limits allow, then the cheapest.

    levels   l_1 < ... < l_m = limit of the first target      geometric grid, 32 levels
    smallest l such that a plan within budget, power and counts holds the SLO with limit l

Feasibility is monotone in the level, so bisection over the grid finds the smallest one. Each
trial is decided on closed forms at their safe factor; the level found is then solved like any
other SLO, with simulated rates, and the next level is tried when that fails.

`cost,latency:2%` first solves for the goals before latency, then limits each by its optimum and
the share that it may lose:  f_i <= (1 + t_(i+1)) f_i*. What time did not suffice for leaves a
doubt, and the plan is then not called optimal.

A trial at the rates of plans asks what the decision at its level will ask, so its book of rates is
kept for it. When the time is up before any level is found, the book of the goals before is taken:
their plan holds the SLO and the limits as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from recommender.deadline import Deadline
from recommender.decision.decider import Decider
from recommender.decision.limited_goals import goals_after, goals_before, limited
from recommender.decision.question import Question
from recommender.decision.question_of import question_of
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
    """The request at its smallest latency level, the question to solve there, and any doubts.

    `rates` is a book of that level or of a tighter one, where there is one already.
    """

    request: Request
    question: Question
    doubts: tuple[str, ...] = ()
    rates: Rates | None = None


def fastest(
    request: Request, enumeration: Enumeration, trust: Trust, deadline: Deadline
) -> Fastest:
    """What is to be solved where latency is an objective."""
    goals = request.spec.goals
    at = [goal.objective for goal in goals].index("latency")
    question = question_of(request)
    doubts: list[str] = []
    book: Rates | None = None
    if at:
        book = Rates(enumeration.table.law, request.workload, request.slo, trust)
        within = _limited_by(request, enumeration, book, goals[: at + 1], doubts, deadline)
        if within is None:
            return Fastest(request, question, rates=book)  # the caller explains why
        question = within
    question = goals_after(question, goals, at)
    tried = LevelsTried(request, enumeration, question, deadline)
    return fastest_level(tried, trust, doubts, book)


def _limited_by(
    request: Request,
    enumeration: Enumeration,
    rates: Rates,
    goals: Sequence[Goal],
    doubts: list[str],
    deadline: Deadline,
) -> Question | None:
    """The question with a limit on each goal before the last one; None without any plan."""
    question = question_of(request)
    decision = Decider(enumeration.table, rates).decide(
        enumeration.market,
        goals_before(question, goals),
        deadline=deadline,
        solver=request.spec.solver,
    )
    if not decision.purchase:
        return None
    if decision.solution.outcome.status is not Status.OPTIMAL:
        doubts.append(f"{goals[0].objective} was not proven least before latency")
    return limited(question, goals, decision.purchase)


def fastest_level(
    tried: "LevelsTried", trust: Trust, doubts: Sequence[str], before: Rates | None
) -> Fastest:
    """The request with the first target at the smallest feasible level of the grid.

    Unchanged when even its own limit is infeasible: the caller then explains why. `before` is the
    book of the goals before, at the request's own limit.
    """
    request, deadline = tried.request, tried.deadline
    levels = latency_levels(request, tried.enumeration)
    at = _bisect(levels, lambda level_s: tried.feasible(level_s, Trust.SAFE))
    if trust is Trust.SIMULATED:
        while at < len(levels) - 1 and not (tried.feasible(levels[at], trust) or deadline.is_over):
            at += 1
        while at > 0 and tried.feasible(levels[at - 1], trust):
            at -= 1
    book = tried.books.get((levels[at], trust))
    if book is None and deadline.is_over and before is not None:
        at, book = len(levels) - 1, before
    missed = sorted(level_s for level_s in tried.undecided if level_s < levels[at])[:1]
    late = (
        f"{request.slo.primary.name} of {1000 * level_s:.4g} ms was not ruled out in time; "
        "raise --time-limit"
        for level_s in missed
    )
    return Fastest(_at_level(request, levels[at]), tried.question, (*doubts, *late), book)


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
class LevelsTried:
    """Levels of latency, and what became of each that was tried.

    Attributes
    ----------
    undecided
        Those that time did not suffice for [s].
    books
        Rates of those with a plan.
    """

    request: Request
    enumeration: Enumeration
    question: Question
    deadline: Deadline
    undecided: set[float] = field(default_factory=set)
    books: dict[tuple[float, Trust], Rates] = field(default_factory=dict)

    def feasible(self, level_s: float, trust: Trust) -> bool:
        """Whether a plan is found in time that holds the first target at a level."""
        if self.deadline.is_over:
            self.undecided.add(level_s)
            return False
        tighter, table = _at_level(self.request, level_s), self.enumeration.table
        rates = Rates(table.law, tighter.workload, tighter.slo, trust)
        decision = Decider(table, rates).decide(
            self.enumeration.market,
            self.question,
            deadline=self.deadline,
            solver=self.request.spec.solver,
        )
        if decision.is_open:
            self.undecided.add(level_s)
        if decision.purchase:
            self.books[level_s, trust] = rates
        return bool(decision.purchase)


def _at_level(request: Request, level_s: float) -> Request:
    return replace(request, slo=request.slo.with_limit(0, level_s))
