"""Pools for a request whose margins or latency limits are relaxed, one at a time.

Without redundancy, without headroom, at the central step times; and latency limits and goodput as
for plans without pools (`explanation.latency_repairs`), each time by a whole search over pools: the
least that is enough is known to two percent. What is not decided in time is not offered.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from recommender.decision.question import Question
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.disaggregation.pools_of import TwoPools, two_pools
from recommender.disaggregation.search import Found, Search
from recommender.explanation.latency_repairs import Deciders, relaxed_slo
from recommender.explanation.repairs import MOST_NODES
from recommender.formulation.solve_pools import PoolsSolution
from recommender.slo import Slo

HALVINGS = 8
APART = 1.02
"""Of simulated limits; on closed forms they are 64^(1/256) apart, 1.6 %."""

Relaxed = tuple[str, str, PoolsSolution]
"""(flag, value that is enough, the pools)."""


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
    def on(trust: Trust, *, optimistic: bool = False) -> Callable[[Slo], Found | None]:
        def searched(slo: Slo) -> Found | None:
            variant = _with_slo(study, slo, trust)
            return _searched(variant, two_pools(variant, optimistic=optimistic), study.question)

        return searched

    deciders = Deciders(
        optimistic=on(Trust.SIMULATED, optimistic=True),
        safe=on(Trust.SAFE),
        simulated=on(Trust.SIMULATED) if study.simulates else None,
        halvings=HALVINGS,
        apart=APART,
    )
    for flag, value, found in relaxed_slo(study.request, deciders, _serve):
        if found.best is not None:
            yield flag, value, found.best[1]


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
