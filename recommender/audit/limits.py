"""Limits of the whole plan: budget, power, counts, stock, quality, bandwidth, types."""

from collections import Counter
from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.finding import at_least, at_most
from recommender.plan import Finding, Plan
from recommender.spec import Spec


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Each limit that the spec or an offer states."""
    if plan.totals is None:
        return
    nodes = Counter({n.offer: n.nodes for n in plan.nodes})
    offers = {name: catalog.offers[name] for name in nodes}
    usd_per_h = sum(count * offers[name].usd_per_h for name, count in nodes.items())
    watts = sum(count * offers[name].nameplate_power_w for name, count in nodes.items())
    accelerators = sum(count * offers[name].node_accelerators for name, count in nodes.items())
    types = {offer.accelerator for offer in offers.values()}
    stated = (
        ("budget", usd_per_h, spec.budget, "$/h"),
        ("power limit", watts, spec.power, "W"),
        ("most accelerators", accelerators, spec.max_accelerators, "accelerators"),
        ("most nodes", nodes.total(), spec.max_nodes, "nodes"),
        ("most accelerator types", len(types), spec.max_types, "types"),
    )
    for promise, value, limit, unit in stated:
        if limit is not None:
            yield at_most(promise, value, limit, unit)
    for name, count in nodes.items():
        stock = offers[name].stock
        if stock is not None:
            yield at_most(f"stock of {name}", count, stock, "nodes")
    for d in plan.deployments:
        yield at_most(
            f"{d.name}: quality loss", d.quality_loss_pct, spec.max_quality_loss * 100, "%"
        )
    if spec.min_bandwidth is not None:
        for accelerator in types:
            bandwidth = catalog.accelerators[accelerator].memory_bandwidth_gb_per_s * 1e9
            yield at_least(f"{accelerator}: bandwidth", bandwidth, spec.min_bandwidth, "B/s")
