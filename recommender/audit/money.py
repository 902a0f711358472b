"""Cost, re-derived from the price list: nodes times price, nothing else.

own node without a price = power / 1000 * PUE * electricity + amortisation, in its currency

per million tokens = cost per hour / (rate * mean output * 3600) * 10^6, at the peak
at the mean rate   = that times peak / mean: the nodes cost as much with less to do
over a horizon     = mean cost per hour times its hours
over a day of periods the month, the objective and the price at the mean rate follow the mean cost
"""

from collections.abc import Iterator

from catalog import Catalog
from catalog.schema import Offer
from recommender.audit import day
from recommender.audit.conversions import HOURS_PER_MONTH
from recommender.audit.finding import equal
from recommender.audit.sites import pue_of
from recommender.plan import Finding, Plan
from recommender.request.goals import last_minimised
from recommender.request.spec import Spec
from recommender.workload import Workload


def findings(plan: Plan, spec: Spec, catalog: Catalog, workload: Workload) -> Iterator[Finding]:
    """Prices are the catalogue's, node counts match the placements, totals add up."""
    totals = plan.totals
    if totals is None:
        return
    usd_per_h = sum(n.nodes * catalog.offers[n.offer].usd_per_h for n in plan.nodes)
    parts = sum(d.cost_usd_per_h for d in plan.deployments)
    mean_usd_per_h = day.mean_usd_per_h(plan, spec, catalog)
    month = mean_usd_per_h * HOURS_PER_MONTH
    yield equal("cost per hour", totals.cost_usd_per_h, usd_per_h, "$/h")
    yield equal("cost per month", totals.cost_usd_per_month, month, "$/month")
    if spec.horizon is not None:
        over = mean_usd_per_h * spec.horizon
        yield equal("cost over the horizon", totals.cost_over_horizon_usd or 0.0, over, "$")
    yield equal("cost of deployments adds up", parts, usd_per_h, "$/h")
    if plan.objective is not None and plan.periods and last_minimised(spec.goals) == "cost":
        yield equal("objective is the mean cost", plan.objective, mean_usd_per_h, "$/h")
    yield from _nodes(plan, catalog)
    tokens_per_h = spec.qps * float(workload.lengths.output_tokens.mean()) * 3600
    per_million = usd_per_h / tokens_per_h * 1e6
    stated = totals.usd_per_million_output_tokens_at_peak
    yield equal("cost per million output tokens at the peak", stated, per_million, "$")
    peak_to_mean = workload.peak_to_mean
    at_mean = totals.usd_per_million_output_tokens
    if at_mean is not None and peak_to_mean is not None:
        of_mean = mean_usd_per_h / (tokens_per_h / peak_to_mean) * 1e6
        yield equal("cost per million output tokens", at_mean, of_mean, "$")


def _nodes(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    for bought in plan.nodes:
        placed = sum(
            p.groups * p.nodes_per_group for p in plan.placements if p.offer == bought.offer
        )
        offer = catalog.offers[bought.offer]
        yield equal(f"nodes of {bought.offer} hold the placements", bought.nodes, placed, "nodes")
        yield equal(f"price of {bought.offer}", bought.usd_per_node_h, offer.usd_per_h, "$/h")
        if offer.electricity_per_kwh is not None:
            hour = _running_cost(offer, offer.electricity_per_kwh, catalog)
            promise, unit = f"running cost of {bought.offer}", f"{offer.currency}/h"
            yield equal(promise, offer.price_per_h, hour, unit)
        if bought.terms:  # empty is not stated
            right = float(bought.terms == offer.terms)
            yield equal(f"{bought.offer} is sold {offer.terms.replace('_', ' ')}", 1.0, right, "")
        if stated := bought.node_accelerators:  # 0 is not stated
            name = f"accelerators of a node of {bought.offer}"
            yield equal(name, stated, offer.node_accelerators, "accelerators")
    paid_for = {bought.offer for bought in plan.nodes}
    unpaid = sum(p.groups * p.nodes_per_group for p in plan.placements if p.offer not in paid_for)
    yield equal("nodes that stand in no purchase", 0, unpaid, "nodes")
    if plan.totals is not None:
        accelerators = sum(n.nodes * catalog.offers[n.offer].node_accelerators for n in plan.nodes)
        yield equal("accelerators", plan.totals.accelerators, accelerators, "accelerators")


def _running_cost(offer: Offer, electricity_per_kwh: float, catalog: Catalog) -> float:
    """An hour of an own node: what it draws at its site, and what was paid for it [currency/h]."""
    kw = (offer.typical_power_w or offer.nameplate_power_w) / 1000
    return kw * pue_of(offer.pue, catalog) * electricity_per_kwh + (offer.amortisation_per_h or 0.0)
