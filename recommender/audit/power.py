"""Power, re-derived: nameplate of the nodes; planned load lies between idle and nameplate."""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.finding import at_most, equal
from recommender.plan import Finding, Plan

HOURS_PER_MONTH = 730


def findings(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Nameplate power adds up, planned load does not exceed it, energy follows from it."""
    if plan.totals is None:
        return
    nameplate_w = sum(n.nodes * catalog.offers[n.offer].nameplate_power_w for n in plan.nodes)
    yield equal("nameplate power", plan.totals.power_nameplate_w, nameplate_w, "W")
    yield at_most("planned power below nameplate", plan.totals.power_w, nameplate_w, "W")
    yield equal(
        "energy per month",
        plan.totals.energy_kwh_per_month,
        plan.totals.power_w * HOURS_PER_MONTH / 1000,
        "kWh",
    )
