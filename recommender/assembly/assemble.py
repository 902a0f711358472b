"""From a decision to the parts of a plan: deployments, nodes, placements and totals.

u      = Q / sum(lambda_c x_c)        every replica runs at the same share of its rate,
rate_c = u * lambda_c                 so routing weights are the replicas' rates

Symbol    Meaning                                                    Unit
Q         rate in the peak window                                    requests/s
lambda_c  largest rate of a replica of kind c within the SLO         requests/s
x_c       replicas of kind c                                         count
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recommender.assembly.degraded import degraded_p99_s
from recommender.assembly.deployment import deployment
from recommender.assembly.latency_at import latency_at
from recommender.assembly.nodes import nodes_of
from recommender.assembly.totals import totals_of
from recommender.assembly.uses import uses_of, utilisation_of
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.plan import Deployment, NodePurchase, Placement, Totals
from recommender.request.request import Request


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts of a plan that say what to buy and run."""

    deployments: tuple[Deployment, ...]
    nodes: tuple[NodePurchase, ...]
    placements: tuple[Placement, ...]
    totals: Totals


def assemble(
    request: Request,
    table: ReplicaTable,
    rates: Rates,
    purchase: Sequence[tuple[FailureGroup, int]],
    *,
    simulate: bool,
) -> Assembled:
    """The plan that buys these counts of failure groups; rates are those of the whole day."""
    rates, share = rates.in_period(request.workload), request.workload.planned_share
    purchase = [(replace(g, requests_per_s=g.requests_per_s * share), n) for g, n in purchase]
    uses = uses_of(request, table, purchase)
    utilisation = utilisation_of(request, rates, uses)
    names = {(u.offer.name, u.position): f"d{i}" for i, u in enumerate(uses, start=1)}
    latencies = {
        u.position: latency_at(
            table.law.take(u.position),
            request.workload,
            request.slo,
            float(rates.rate[u.position]) * utilisation,
            simulate=simulate,
        )
        for u in uses
    }
    deployments = tuple(
        deployment(
            request,
            table,
            rates,
            use,
            utilisation,
            latencies[use.position],
            name=names[use.offer.name, use.position],
        )
        for use in uses
    )
    placements = tuple(_placement(group, count, names) for group, count in purchase)
    nodes = nodes_of(request, purchase)
    degraded = degraded_p99_s(request, table, rates, purchase, simulate=simulate)
    totals = totals_of(request, deployments, nodes, degraded)
    return Assembled(deployments, nodes, placements, totals)


def _placement(group: FailureGroup, count: int, names: Mapping[tuple[str, int], str]) -> Placement:
    return Placement(
        offer=group.offer,
        groups=count,
        nodes_per_group=group.nodes,
        replicas={names[group.offer, int(key)]: n for key, n in group.replicas.items()},
        requests_per_s=group.requests_per_s,
        zone=group.zone or "",
    )
