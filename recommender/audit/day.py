"""Means over the day, re-derived from the periods of a plan and the price list.

    mean of f   =  sum over periods of (to - from) f / 24
    started     =  per kind of group paid by the hour:  max( groups - groups just before, 0 )
    mean cost   =  mean of nodes x price  +  start-up time / 24 * sum of started nodes x price

A kind of group is told by its offer, its zone, the layouts of its replicas and their models, not by
names of deployments, which each period gives anew. The period before the first one is the last one.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from catalog import Catalog
from recommender.audit.conversions import HOURS_PER_DAY
from recommender.plan import Deployment, PeriodPlan, Plan
from recommender.request.spec import Spec

BY_THE_HOUR = ("on_demand", "spot")

Kind = tuple[str, str, tuple[tuple[object, ...], ...]]


def mean(plan: Plan, value: Callable[[PeriodPlan], float]) -> float:
    """Mean over the day of a value of periods."""
    return sum((p.to_h - p.from_h) * value(p) for p in plan.periods) / HOURS_PER_DAY


def mean_usd_per_h(plan: Plan, spec: Spec, catalog: Catalog) -> float:
    """Mean cost; that of the nodes for a plan of one rate [$/h]."""
    if not plan.periods:
        return sum(n.nodes * catalog.offers[n.offer].usd_per_h for n in plan.nodes)
    running = mean(plan, lambda period: running_usd_per_h(period, catalog))
    return running + start_up_usd_per_h(plan, spec, catalog)


def running_usd_per_h(period: PeriodPlan, catalog: Catalog) -> float:
    """Price of the nodes of a period [$/h]."""
    return sum(n.nodes * catalog.offers[n.offer].usd_per_h for n in period.nodes)


def start_up_usd_per_h(plan: Plan, spec: Spec, catalog: Catalog) -> float:
    """Mean cost of nodes that run before the period that they are started for [$/h]."""
    hours = (spec.start_up or 0.0) / 3600
    usd = sum(
        nodes * catalog.offers[kind[0]].usd_per_h
        for i in range(len(plan.periods))
        for kind, nodes in started(plan, i, catalog)
    )
    return hours / HOURS_PER_DAY * usd


def started(plan: Plan, number: int, catalog: Catalog) -> Iterator[tuple[Kind, int]]:
    """(kind of group, nodes) that a period starts."""
    now, before = _running(plan.periods[number]), _running(plan.periods[number - 1])
    size = {kind: nodes for kind, (_, nodes) in now.items()}
    for kind, (groups, _) in now.items():
        new = groups - before.get(kind, (0, 0))[0]
        if new > 0 and catalog.offers[kind[0]].terms in BY_THE_HOUR:
            yield kind, new * size[kind]


def _running(period: PeriodPlan) -> dict[Kind, tuple[int, int]]:
    """Kind of group -> (groups, nodes of one)."""
    layout = {d.name: layout_of(d) for d in period.deployments}
    groups: Counter[Kind] = Counter()
    nodes: dict[Kind, int] = {}
    for p in period.placements:
        inside = sorted(((*layout[name], n) for name, n in p.replicas.items()), key=repr)
        kind = (p.offer, p.zone, tuple(inside))
        groups[kind] += p.groups
        nodes[kind] = p.nodes_per_group
    return {kind: (count, nodes[kind]) for kind, count in groups.items()}


def layout_of(d: Deployment) -> tuple[object, ...]:
    """What tells kinds of replicas apart, whatever a period calls them."""
    shape = (d.precision, d.kv_precision, d.tp, d.pp, d.adp, d.ep, d.max_batch, d.chunk_tokens)
    return (d.pool, *shape, d.engine, d.model, d.sharing, d.instances_per_accelerator)
