"""What the plan minimised, re-derived from what it buys.

    cost, nodes, accelerators   of the nodes of the price list
    power                       nameplate of those nodes
    energy, carbon              of a bound: no less than at planned load, no more than at nameplate

Levels of latency and quality are looked for outside of the program, which then minimises the goal
after them, or else the first. Over a day of periods
the objective and the emissions are means over them: `audit/money.py`, `audit/periods.py`.
"""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.conversions import HOURS_PER_MONTH
from recommender.audit.finding import at_least, at_most, equal
from recommender.audit.sites import carbon_g_per_h, grams_per_wh
from recommender.plan import Finding, Plan
from recommender.request.goals import last_minimised
from recommender.request.spec import Spec

IDLE_SHARE = 0.1
"""Of TDP: no accelerator that is switched on draws less."""


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """The objective is that of the purchase; planned power is that of machines that run."""
    if plan.totals is None:
        return
    if plan.objective is not None and not plan.periods:
        yield from _objective(plan, plan.objective, spec, catalog)
    yield from _running(plan, spec, catalog)


def _objective(plan: Plan, objective: float, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    offers = [(catalog.offers[n.offer], n.nodes) for n in plan.nodes]
    nameplate_w = sum(n * offer.nameplate_power_w for offer, n in offers)
    stated = {
        "cost": (sum(n * offer.usd_per_h for offer, n in offers), "$/h"),
        "power": (nameplate_w, "W"),
        "accelerators": (sum(n * offer.node_accelerators for offer, n in offers), "accelerators"),
        "nodes": (sum(n for _, n in offers), "nodes"),
    }
    goal = last_minimised(spec.goals)
    if goal in stated:
        value, unit = stated[goal]
        yield equal(f"objective is the {goal}", objective, value, unit)
    elif goal == "energy":
        planned_w = sum(d.power_w for d in plan.deployments)
        yield at_least("objective bounds planned power", objective, planned_w, "W")
        yield at_most("objective within the nameplate", objective, nameplate_w, "W")
    else:
        planned = carbon_g_per_h(plan, spec, catalog)
        most = sum(
            n * offer.nameplate_power_w * grams_per_wh(offer, spec, catalog) for offer, n in offers
        )
        yield at_least("objective bounds planned carbon", objective, planned, "g CO2e/h")
        yield at_most("objective within carbon at nameplate", objective, most, "g CO2e/h")


def _running(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Machines that run draw power; emissions of a month follow from planned power and grids."""
    if plan.totals is None:
        return
    idle_w = 0.0
    for bought in plan.nodes:
        offer = catalog.offers[bought.offer]
        tdp_w = catalog.accelerators[offer.accelerator].tdp_w or 0.0
        least_w = min(IDLE_SHARE * tdp_w * offer.node_accelerators, offer.nameplate_power_w)
        idle_w += bought.nodes * least_w
    yield at_least("planned power above idle", plan.totals.power_w, idle_w, "W")
    if plan.totals.carbon_kg_per_month is not None and not plan.periods:
        month_kg = carbon_g_per_h(plan, spec, catalog) * HOURS_PER_MONTH / 1000
        yield equal("emissions per month", plan.totals.carbon_kg_per_month, month_kg, "kg CO2e")
