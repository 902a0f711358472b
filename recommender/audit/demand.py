"""Demand, re-derived: all nodes up, the replicas carry the peak with headroom."""

from collections.abc import Iterator

from recommender.audit.finding import at_least, at_most, equal
from recommender.plan import Finding, Plan
from recommender.spec import Spec


def findings(plan: Plan, spec: Spec) -> Iterator[Finding]:
    """Rates add up to the peak, capacity covers the headroom, replicas are all placed."""
    if plan.totals is None:
        return
    yield equal(
        "carried rate is the peak",
        plan.totals.requests_per_s,
        spec.qps,
        "requests/s",
    )
    carried = sum(d.requests_per_s for d in plan.deployments)
    yield equal("rates of deployments add up", spec.qps, carried, "requests/s")
    capacity = sum(d.max_requests_per_s for d in plan.deployments)
    yield at_least(
        "capacity within the SLO covers peak and headroom",
        capacity,
        spec.qps * (1 + spec.headroom),
        "requests/s",
    )
    for d in plan.deployments:
        yield at_most(
            f"{d.name} carries no more than it can",
            d.requests_per_s,
            d.max_requests_per_s,
            "requests/s",
        )
        placed = sum(p.groups * p.replicas.get(d.name, 0) for p in plan.placements)
        yield equal(f"{d.name}: every replica stands on a node", d.dp, placed, "replicas")
