"""`--minimize latency`: the smallest latency level that the limits allow, then the cheapest.

    levels   l_1 < ... < l_m = limit of the first target      geometric grid, 32 levels
    smallest l such that a plan within budget, power and counts holds the SLO with limit l

Feasibility is monotone in the level, so bisection over the grid finds the smallest one. Each
trial is decided on closed forms at their safe factor; the level found is then solved like any
other SLO, with simulated rates, and the next level is tried when that fails.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recommender.decision import Decider
from recommender.enumeration import Enumeration
from recommender.question import question_of
from recommender.queueing.latency import latency
from recommender.rates import Rates, Trust
from recommender.request import Request
from recommender.slo import Slo

LEVELS = 32
IDLE = 1e-9


def fastest_level(request: Request, enumeration: Enumeration, trust: Trust) -> Request:
    """The request with the first target at the smallest feasible level of the grid.

    Unchanged when even its own limit is infeasible: the caller then explains why.
    """
    levels = latency_levels(request, enumeration)
    at = _bisect(request, enumeration, levels, Trust.SAFE)
    if trust is Trust.SIMULATED:
        while at < len(levels) - 1 and not _feasible(request, enumeration, levels[at], trust):
            at += 1
        while at > 0 and _feasible(request, enumeration, levels[at - 1], trust):
            at -= 1
    return _at_level(request, levels[at])


def latency_levels(request: Request, enumeration: Enumeration) -> tuple[float, ...]:
    """The grid: from the fastest idle replica to the limit of the first target [s]."""
    first = request.slo.primary
    law = enumeration.table.law
    if len(law) == 0:
        return (first.limit_s,)
    idle = latency(law, request.workload.lengths, IDLE, percentile=first.percentile)
    fastest = float(np.min(getattr(idle, f"{first.metric}_s")))
    if fastest >= first.limit_s:
        return (first.limit_s,)
    return tuple(float(x) for x in np.geomspace(fastest, first.limit_s, LEVELS + 1)[1:])


def _bisect(
    request: Request, enumeration: Enumeration, levels: Sequence[float], trust: Trust
) -> int:
    """Position of the smallest feasible level; the last one when none is."""
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if _feasible(request, enumeration, levels[middle], trust):
            high = middle
        else:
            low = middle + 1
    return low


def _feasible(request: Request, enumeration: Enumeration, level_s: float, trust: Trust) -> bool:
    tighter = _at_level(request, level_s)
    rates = Rates(enumeration.table.law, tighter.workload, tighter.slo, trust)
    decision = Decider(enumeration.table, rates).decide(
        enumeration.market, question_of(request), time_limit_s=request.spec.time_limit
    )
    return bool(decision.purchase)


def _at_level(request: Request, level_s: float) -> Request:
    first, *others = request.slo.targets
    return replace(request, slo=Slo((replace(first, limit_s=level_s), *others)))
