"""p99 of a purchase, without the rest of the plan: that of its slowest kind of replica.

It is `Totals.p99_s` of the assembled plan, for comparisons that look at nothing else of it.
"""

from collections.abc import Sequence

from recommender.assembly.latency_at import first_target_s
from recommender.assembly.uses import uses_of, utilisation_of
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.request.request import Request


def carried_p99_s(
    request: Request,
    table: ReplicaTable,
    rates: Rates,
    purchase: Sequence[tuple[FailureGroup, int]],
    *,
    simulate: bool,
) -> float:
    """Percentile of the first target at the rates that the replicas really carry [s]."""
    uses = uses_of(request, table, purchase)
    utilisation = utilisation_of(request, rates, uses)
    return max(
        first_target_s(
            table.law.take(position),
            request.workload,
            request.slo,
            float(rates.rate[position]) * utilisation,
            simulate=simulate,
        )
        for position in {use.position for use in uses}
    )
