"""p99 with something lost, replayed: every case that the plan survives, by the audit's own count.

    left(case)   rate within the SLO of the groups that are not lost           requests/s
    replica      runs at  Q / left  of its largest rate
    stated p99   no less than a run of the slowest replica may say (`audit/repeated.py`)

Cases: the k groups of largest rate; each zone, region, seller or type in turn; the worst rack of
each pool. A deployment is looked at in the case that leaves least of those that leave some of it.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from math import isfinite
from typing import NamedTuple

from catalog import Catalog
from recommender.audit.classes import value_of
from recommender.audit.finding import at_least
from recommender.audit.latency import promised, replica_run
from recommender.audit.racks import nodes_of_rack, pool_of, worst_rack
from recommender.audit.repeated import CONFIDENCE, Repeated
from recommender.plan import Finding, Placement, Plan
from recommender.request.spec import Spec
from recommender.workload import Workload


class Group(NamedTuple):
    """One failure group: its placement and its rate within the SLO [requests/s]."""

    placement: Placement
    rate: float


def findings(
    plan: Plan, spec: Spec, catalog: Catalog, workload: Workload, *, replay: bool
) -> Iterator[Finding]:
    """What the plan says of its worst case is no better than a replay of it."""
    totals = plan.totals
    if not replay or totals is None or totals.degraded_p99_s is None:
        return
    left = least_left(plan, spec, catalog)
    target, slowest_s = promised(spec)[0], 0.0
    for d in plan.deployments:
        if d.name in left and left[d.name] > 0:
            per_replica = d.max_requests_per_s / d.dp * spec.qps / left[d.name]
            runs = Repeated(partial(replica_run, d, per_replica, workload, (target,)))
            if isfinite(runs.first.estimate(target)[1]):
                least_s = runs.least_stated_s(target, totals.degraded_p99_s)
                slowest_s = max(slowest_s, least_s)
    note = f"lower confidence limit at {CONFIDENCE:.1%} of the slowest deployment"
    promise = f"{target.name} at the worst loss is no better than a replay"
    yield at_least(promise, totals.degraded_p99_s, slowest_s, "s", note)


def least_left(plan: Plan, spec: Spec, catalog: Catalog) -> dict[str, float]:
    """Deployment -> least rate of the whole plan in a case that leaves some of it [requests/s]."""
    least: dict[str, float] = {}
    for names, rate in _cases(plan, spec, catalog):
        for name in names:
            least[name] = min(least.get(name, rate), rate)
    return least


def _cases(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[tuple[set[str], float]]:
    """(deployments of which something is left, rate that is left)."""
    groups = _groups(plan)
    lost = {"none": 0, "zone": 0}.get(spec.redundancy)
    k = int(spec.redundancy.removeprefix("n+")) if lost is None else lost
    if k:
        yield _what_is_left(sorted(groups, key=lambda g: g.rate)[: max(len(groups) - k, 0)])
    for kind in (*(["zone"] if spec.redundancy == "zone" else []), *spec.survive):
        if kind == "rack":
            yield from _racks(groups, spec, catalog)
            continue
        values = [value_of(g.placement, catalog, kind) for g in groups]
        for gone in set(values):
            kept = [g for g, value in zip(groups, values, strict=True) if value != gone]
            yield _what_is_left(kept)


def _racks(groups: list[Group], spec: Spec, catalog: Catalog) -> Iterator[tuple[set[str], float]]:
    """A deployment is left where a group of it stands elsewhere, or more than fit into a rack."""
    whole = sum(g.rate for g in groups)
    pools = [pool_of(g.placement, catalog) for g in groups]
    for name in sorted(set(pools)):
        inside = [g for g, pool in zip(groups, pools, strict=True) if pool == name]
        outside = [g for g, pool in zip(groups, pools, strict=True) if pool != name]
        room = max(nodes_of_rack(catalog.offers[g.placement.offer], spec, catalog) for g in inside)
        kinds = Counter((g.rate, g.placement.nodes_per_group) for g in inside)
        taken = worst_rack([(rate, nodes, n) for (rate, nodes), n in kinds.items()], room)
        held = Counter(d for g in inside for d in g.placement.replicas)
        kept, _ = _what_is_left(outside)
        yield kept | {d for d, count in held.items() if count > room}, whole - taken


def _groups(plan: Plan) -> list[Group]:
    per_replica = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    return [
        Group(p, sum(count * per_replica[name] for name, count in p.replicas.items()))
        for p in plan.placements
        for _ in range(p.groups)
    ]


def _what_is_left(groups: list[Group]) -> tuple[set[str], float]:
    return {name for g in groups for name in g.placement.replicas}, sum(g.rate for g in groups)
