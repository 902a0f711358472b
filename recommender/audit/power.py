"""Power, re-derived: nameplate of the nodes, and a planned load that does not exceed it."""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit import day
from recommender.audit.conversions import HOURS_PER_MONTH
from recommender.audit.finding import at_most, equal
from recommender.plan import Finding, Plan, Totals


def findings(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Powers add up, planned load does not exceed the nameplate, energy follows from it."""
    totals = plan.totals
    if totals is None:
        return
    nameplate_w = sum(n.nodes * catalog.offers[n.offer].nameplate_power_w for n in plan.nodes)
    parts_w = sum(d.power_w for d in plan.deployments)
    mean_w = day.mean(plan, lambda period: period.power_w) if plan.periods else totals.power_w
    energy_kwh = mean_w * HOURS_PER_MONTH / 1000
    yield equal("nameplate power", totals.power_nameplate_w, nameplate_w, "W")
    yield at_most("planned power below nameplate", totals.power_w, nameplate_w, "W")
    yield equal("power of deployments adds up", totals.power_w, parts_w, "W")
    yield equal("energy per month", totals.energy_kwh_per_month, energy_kwh, "kWh")
    yield from _per_token(plan, totals, mean_w)


def _per_token(plan: Plan, totals: Totals, mean_w: float) -> Iterator[Finding]:
    """Energy per output token, from the tokens that the price per token rests on."""
    usd_per_h, per_million = totals.cost_usd_per_h, totals.usd_per_million_output_tokens_at_peak
    if plan.periods:
        usd_per_h = totals.mean_cost_usd_per_h or 0.0
        per_million = totals.usd_per_million_output_tokens or 0.0
    stated = totals.joules_per_output_token
    if stated is None or not per_million or not usd_per_h:
        return
    tokens_per_s = usd_per_h / per_million * 1e6 / 3600
    yield equal("energy per output token", stated, mean_w / tokens_per_s, "J")
