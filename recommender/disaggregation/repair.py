"""Pools as a repair: where replicas that do both meet no target, pools of their own may.

Searched on closed forms at their safe factor, so that the witness holds and takes no simulation.
"""

from collections.abc import Iterator

from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.disaggregation.compare import FLAG
from recommender.disaggregation.pools_of import two_pools, why_not
from recommender.disaggregation.search import Search
from recommender.plan import Repair


def pools_repair(study: Study) -> Iterator[Repair]:
    """`--disaggregate auto` with what it buys, where that was not asked for and is enough."""
    request = study.request
    if request.spec.disaggregate != "never" or why_not(request, study.question):
        return
    rates = Rates(study.table.law, request.workload, request.slo, Trust.SAFE)
    safe = study.with_rates(rates)
    best = Search(safe, two_pools(safe)).best().best
    if best is None:
        return
    bought = best[1].bought
    cost = sum(group.usd_per_h * n for pairs in bought.values() for group, n in pairs)
    pools = " and ".join(
        f"{sum(group.accelerators * n for group, n in pairs):,} accelerators for {pool}"
        for pool, pairs in bought.items()
    )
    yield Repair(FLAG, "auto", f"${cost:,.0f}/h or less: {pools}")
