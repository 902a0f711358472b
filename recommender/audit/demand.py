"""Demand, re-derived: all nodes up, the replicas carry the peak with headroom.

share = rate / peak        utilisation = rate / largest rate        group = sum of its replicas
"""

from collections.abc import Iterator

from recommender.audit.finding import at_least, at_most, equal, group_name
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec


def findings(plan: Plan, spec: Spec) -> Iterator[Finding]:
    """Rates add up to the peak, capacity covers the headroom, replicas are all placed."""
    if plan.totals is None:
        return
    carried = sum(d.requests_per_s for d in plan.deployments)
    capacity = sum(d.max_requests_per_s for d in plan.deployments)
    needed = spec.qps * (1 + spec.headroom)
    unit = "requests/s"
    yield equal("carried rate is the peak", plan.totals.requests_per_s, spec.qps, unit)
    yield equal("rates of deployments add up", spec.qps, carried, unit)
    yield at_least("capacity within the SLO covers peak and headroom", capacity, needed, unit)
    for d in plan.deployments:
        yield from _deployment(d, plan, spec)
    per_replica = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    for placement in plan.placements:
        rate = sum(per_replica[name] * count for name, count in placement.replicas.items())
        yield equal(f"{group_name(placement)}: rate", placement.requests_per_s, rate, unit)


def _deployment(d: Deployment, plan: Plan, spec: Spec) -> Iterator[Finding]:
    placed = sum(p.groups * p.replicas.get(d.name, 0) for p in plan.placements)
    most = d.max_requests_per_s
    yield at_most(f"{d.name} carries no more than it can", d.requests_per_s, most, "requests/s")
    yield equal(f"{d.name}: every replica stands on a node", d.dp, placed, "replicas")
    yield equal(f"{d.name}: share", d.share, d.requests_per_s / spec.qps, "")
    yield equal(f"{d.name}: utilisation", d.utilisation, d.requests_per_s / most, "")
