"""The loss of a rack, re-derived: every way to fill one is tried, the worst is taken away.

    left(pool) = sum of all rates - max over ways to put groups of the pool into one rack   >= peak

A group wider than a rack stands in as few as hold it. It can fill all but one of them, so that what
is left of it is all that it puts into the last, and is lost with it.

A pool is an instance type in a region, or in a zone of it, whatever the terms. A rack holds what
its offer states; of a rack-scale system its trays; else as many chassis as fit the height and power
of `--racks`.
"""

from collections import defaultdict
from collections.abc import Iterator
from math import ceil, floor

from catalog import Catalog
from catalog.schema import Offer
from recommender.audit.finding import at_least
from recommender.plan import Finding, Placement, Plan
from recommender.request.spec import Spec

Kind = tuple[float, int, int]
"""Rate of a group [requests/s], its nodes, how many there are."""


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """The peak is still carried without any one rack."""
    if plan.totals is None or "rack" not in spec.survive:
        return
    per_replica = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    pools: dict[str, list[tuple[Placement, float]]] = defaultdict(list)
    for placement in plan.placements:
        rate = sum(per_replica[name] * count for name, count in placement.replicas.items())
        pools[pool_of(placement, catalog)].append((placement, rate))
    whole = sum(rate * p.groups for members in pools.values() for p, rate in members)
    for name, members in sorted(pools.items()):
        room = max(nodes_of_rack(catalog.offers[p.offer], spec, catalog) for p, _ in members)
        kinds = [(rate, p.nodes_per_group, p.groups) for p, rate in members]
        left = whole - worst_rack(kinds, room)
        promise = f"capacity without a rack of {room} nodes of {name} covers the peak"
        yield at_least(promise, left, spec.qps, "requests/s")


def pool_of(placement: Placement, catalog: Catalog) -> str:
    """Whose nodes share racks: one instance type in one region, or zone where the plan says it."""
    offer = catalog.offers[placement.offer]
    place = placement.zone or offer.zone or offer.region
    return f"{offer.provider} {offer.instance_type} {place}"


def worst_rack(kinds: list[Kind], room: int) -> float:
    """Largest rate of groups that fit into one rack, by trying all numbers of each kind."""
    last = [nodes - room * (ceil(nodes / room) - 1) for _, nodes, _ in kinds]
    return _most(
        [(rate, w, groups) for (rate, _, groups), w in zip(kinds, last, strict=True)], room
    )


def _most(kinds: list[Kind], left: int) -> float:
    if not kinds:
        return 0.0
    (rate, width, groups), *others = kinds
    return max(
        taken * rate + _most(others, left - taken * width)
        for taken in range(min(groups, left // width) + 1)
    )


def nodes_of_rack(offer: Offer, spec: Spec, catalog: Catalog) -> int:
    """Nodes that share a rack; without any fact all of them do [count]."""
    if offer.nodes_per_rack:
        return offer.nodes_per_rack
    scale = [
        c
        for c in catalog.chassis.values()
        if c.kind == "rack" and c.accelerator == offer.accelerator
    ]
    if scale:
        return max(scale[0].accelerators // offer.node_accelerators, 1)
    chassis = catalog.chassis.get(offer.nameplate_basis.removeprefix("chassis "))
    if spec.racks is None or chassis is None or not chassis.rack_units:
        return 10**6
    _, units, watts = spec.racks
    by_power = floor(watts / offer.nameplate_power_w + 1e-9)
    return min(floor(units / chassis.rack_units), by_power)
