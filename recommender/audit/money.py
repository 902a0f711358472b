"""Cost, re-derived from the price list: nodes times price, nothing else."""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.finding import equal
from recommender.plan import Finding, Plan

HOURS_PER_MONTH = 730


def findings(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Prices are the catalogue's, node counts match the placements, totals add up."""
    if plan.totals is None:
        return
    usd_per_h = sum(n.nodes * catalog.offers[n.offer].usd_per_h for n in plan.nodes)
    yield equal("cost per hour", plan.totals.cost_usd_per_h, usd_per_h, "$/h")
    yield equal(
        "cost per month", plan.totals.cost_usd_per_month, usd_per_h * HOURS_PER_MONTH, "$/month"
    )
    yield equal(
        "cost of deployments adds up",
        sum(d.cost_usd_per_h for d in plan.deployments),
        usd_per_h,
        "$/h",
    )
    for purchase in plan.nodes:
        placed = sum(
            p.groups * p.nodes_per_group for p in plan.placements if p.offer == purchase.offer
        )
        yield equal(
            f"nodes of {purchase.offer} hold the placements", purchase.nodes, placed, "nodes"
        )
    accelerators = sum(n.nodes * catalog.offers[n.offer].node_accelerators for n in plan.nodes)
    yield equal("accelerators", plan.totals.accelerators, accelerators, "accelerators")
