"""Pools for a request whose margins or latency limits are relaxed, one at a time.

Without redundancy, without headroom, at the central step times; and each limit L of latency at
L * r. The r is bisected on safe closed forms, up to 64; where the request is simulated, once more
below that on simulated rates. Only values as they are shown are tried. What is not decided in time
is not offered.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from recommender.decision.question import Question
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.disaggregation.pools_of import TwoPools, two_pools
from recommender.disaggregation.search import Found, Search
from recommender.explanation.latency_repairs import MOST_RELAXED, bisected, three_digits_up
from recommender.explanation.repairs import MOST_NODES
from recommender.formulation.solve_pools import PoolsSolution
from recommender.request.slo_of import flag_of
from recommender.slo import Slo
from recommender.wording import duration_text

HALVINGS = 6
SIMULATED_HALVINGS = 3

Relaxed = tuple[str, str, PoolsSolution]
"""(flag, value that is enough, the pools)."""
Shown = Callable[[float], float]
At = Callable[[float], Found | None]


def relaxed(study: Study, pools: TwoPools) -> Iterator[Relaxed]:
    """Every margin and every latency limit that alone can mend the request."""
    asked, table = study.question, study.table
    enumeration = replace(study.enumeration, table=replace(table, law=table.central_law))
    central = replace(study, enumeration=enumeration)
    variants = [
        ("--redundancy", "none", replace(asked, failures=0), study, asked.failures > 0),
        ("--headroom", "0%", replace(asked, headroom=0.0), study, asked.headroom > 0),
        ("--confidence", "50%", asked, central, study.request.spec.confidence > 0.5),
    ]
    for flag, value, question, variant, matters in variants:
        if matters:
            theirs = pools if variant is study else two_pools(variant)
            found = _searched(variant, theirs, question)
            if found is not None and found.best is not None and _serve(found):
                yield flag, value, found.best[1]
    yield from _targets(study)


def _targets(study: Study) -> Iterator[Relaxed]:
    slo = study.request.slo
    for index, target in enumerate(slo.targets):

        def shown(factor: float, limit_s: float = target.limit_s) -> float:
            return three_digits_up(limit_s * factor)

        def at(trust: Trust, index: int = index, shown: Shown = shown) -> At:
            def searched(factor: float) -> Found | None:
                variant = _with_slo(study, slo.with_limit(index, shown(factor)), trust)
                return _searched(variant, two_pools(variant), study.question)

            return searched

        found = bisected(at(Trust.SAFE), 1.0, MOST_RELAXED, _serve, HALVINGS)
        if found is not None and study.simulates:
            less = bisected(at(Trust.SIMULATED), 1.0, found[0], _serve, SIMULATED_HALVINGS)
            found = less or found
        if found is not None and found[1].best is not None:
            value = f"at least {duration_text(shown(found[0]))}"
            yield flag_of(study.request.spec, index), value, found[1].best[1]


def _serve(found: Found) -> bool:
    """Whether there are pools that could be built at all."""
    if found.best is None:
        return False
    bought = (pair for pairs in found.best[1].bought.values() for pair in pairs)
    return sum(group.nodes * count for group, count in bought) <= MOST_NODES


def _with_slo(study: Study, slo: Slo, trust: Trust) -> Study:
    """The study with other targets; of its rates pools, with books of their own, read the trust."""
    request = replace(study.request, slo=slo)
    rate = study.rates.rate
    rates = Rates(study.table.law, request.workload, slo, trust, rate=rate)
    return replace(study.with_rates(rates), request=request)


def _searched(study: Study, pools: TwoPools, question: Question) -> Found | None:
    """The best pools; None when that is not decided in time."""
    if study.deadline.is_over:
        return None
    found = Search(study, pools, question).best()
    return found if found.decided else None
