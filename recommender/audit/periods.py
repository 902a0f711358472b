"""Every period audited like a plan of its own rate, and what is promised over the day.

A fleet is looked at once, where it runs at the same rate in several periods.
A period is looked at with the spec at its rate, without the limits that hold for the day: budget
and carbon (means) and types (of all periods). Its promises are counted; the broken ones are named.
Deployments that run only outside of the busiest period are replayed, where the others are, and so
are those that meet burstier arrivals there: of fewer requests a replica gets a larger share.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from catalog import Catalog
from catalog.schema import Offer
from recommender.audit.conversions import HOURS_PER_MONTH
from recommender.audit.day import (
    layout_of,
    mean,
    mean_usd_per_h,
    running_usd_per_h,
    start_up_usd_per_h,
    started,
)
from recommender.audit.finding import at_least, at_most, equal
from recommender.audit.planned_power import idle_node_w
from recommender.audit.sites import carbon_g_per_h, grams_per_wh
from recommender.plan import Deployment, Finding, PeriodPlan, Plan
from recommender.request.goals import last_minimised
from recommender.request.spec import Spec

BURSTIER = 1.02
"""A replica that meets burstier arrivals than in its replay by more than this is replayed again."""
ALL_DAY = ("owned", "reserved_1yr", "reserved_3yr")

Audited = Callable[[Plan, Spec, bool], Iterator[Finding]]
"""(plan, spec, whether its deployments are replayed) -> findings."""


def findings(
    plan: Plan, spec: Spec, catalog: Catalog, audited: Audited, *, burstiness: float, replay: bool
) -> Iterator[Finding]:
    """Nothing for a plan of one rate; `replay` as for the audit, `burstiness` that of arrivals."""
    if not plan.periods:
        return
    yield from _day(plan, spec)
    yield from _totals(plan, spec, catalog)
    replayed = {
        (d.offer, *layout_of(d)): _burstiness(d, spec.qps, burstiness) for d in plan.deployments
    }
    seen: list[PeriodPlan] = []
    for number, period in enumerate(plan.periods):
        yield from _stated(plan, number, spec, catalog)
        alike = replace(period, from_h=0.0, to_h=0.0, started_nodes=0)
        if alike not in seen and period.deployments:
            at, part = _spec_at(spec, period, burstiness), _plan_of(plan, period)
            found = list(audited(part, at, False))
            new = []
            for d in period.deployments:
                met = _burstiness(d, period.requests_per_s, burstiness)
                if met > BURSTIER * replayed.get((d.offer, *layout_of(d)), 0.0):
                    replayed[d.offer, *layout_of(d)] = met
                    new.append(d)
            if new and replay:
                apart = replace(part, deployments=tuple(new), placements=(), totals=None)
                alone = apart if part.pools is None else part
                found += audited(alone, at, True)
            yield from _counted(period, found)
        seen.append(alike)


def _burstiness(d: Deployment, requests_per_s: float, burstiness: float) -> float:
    """Variation of the gaps at a replica at its largest rate, of a service of this rate."""
    share = min(1.0, d.max_requests_per_s / d.dp / requests_per_s)
    return float((1 + share * (burstiness**2 - 1)) ** 0.5)


def over_day(spec: Spec) -> Spec:
    """The spec without the limits that hold for the mean of the day."""
    return spec.model_copy(update={"budget": None, "carbon": None})


def _day(plan: Plan, spec: Spec) -> Iterator[Finding]:
    """The periods are those asked for, each at its share of the rate."""
    asked = spec.periods
    yield equal("periods of the day", len(plan.periods), len(asked), "periods")
    for period, wanted in zip(plan.periods, asked, strict=False):
        name = _name(period)
        yield equal(f"{name} begins", period.from_h, wanted.start_min / 60, "h")
        yield equal(f"{name} ends", period.to_h, wanted.end_min / 60, "h")
        yield equal(f"{name}: rate", period.requests_per_s, wanted.share * spec.qps, "requests/s")


def _totals(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Mean cost, budget, carbon and types of the day."""
    usd_per_h = mean_usd_per_h(plan, spec, catalog)
    totals = plan.totals
    if totals is not None:
        stated, start_up = totals.mean_cost_usd_per_h, totals.start_up_usd_per_h
        yield equal("mean cost over the day", stated or 0.0, usd_per_h, "$/h")
        derived = start_up_usd_per_h(plan, spec, catalog)
        yield equal("cost of starting nodes", start_up or 0.0, derived, "$/h")
    yield from _objective(plan, spec, catalog)
    if totals is not None and totals.carbon_kg_per_month is not None:
        grams = mean(plan, lambda p: carbon_g_per_h(_plan_of(plan, p), spec, catalog))
        month_kg = grams * HOURS_PER_MONTH / 1000
        yield equal("emissions per month", totals.carbon_kg_per_month, month_kg, "kg CO2e")
    if spec.budget is not None:
        yield at_most("budget, on average over the day", usd_per_h, spec.budget, "$/h")
    if spec.carbon is not None:
        grams = mean(plan, lambda p: _grams_per_h(plan, p, spec, catalog))
        yield at_most("emissions, on average over the day", grams, spec.carbon, "g CO2e/h")
    if spec.max_types is not None:
        bought = {n.offer for period in plan.periods for n in period.nodes}
        types = len({catalog.offers[name].accelerator for name in bought})
        yield at_most("accelerator types of the day", types, spec.max_types, "types")


def _objective(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Power, accelerators and nodes are those of the busiest moment; cost: `audit/money.py`."""
    goal = last_minimised(spec.goals)
    each: dict[str, Callable[[Offer], float]] = {
        "power": lambda offer: offer.nameplate_power_w,
        "accelerators": lambda offer: offer.node_accelerators,
        "nodes": lambda offer: 1.0,
    }
    if plan.objective is not None and goal in each:
        most = max(
            sum(n.nodes * each[goal](catalog.offers[n.offer]) for n in period.nodes)
            for period in plan.periods
        )
        yield equal(f"objective is the {goal} of the busiest moment", plan.objective, most, "")
    bounded: dict[str, Callable[[PeriodPlan], float]] = {
        "energy": lambda period: period.power_w,
        "carbon": lambda period: _grams_per_h(plan, period, spec, catalog),
    }
    if plan.objective is not None and goal in bounded:
        planned = mean(plan, bounded[goal])
        yield at_least(f"objective bounds {goal} at planned load", plan.objective, planned, "")


def _grams_per_h(plan: Plan, period: PeriodPlan, spec: Spec, catalog: Catalog) -> float:
    """Emissions of a period, of nodes that serve nothing in it as well [g CO2e/h]."""
    if period.deployments:
        return carbon_g_per_h(_plan_of(plan, period), spec, catalog)
    return sum(
        n.nodes
        * idle_node_w(n.offer, catalog)
        * grams_per_wh(catalog.offers[n.offer], spec, catalog)
        for n in period.nodes
    )


def _stated(plan: Plan, number: int, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """What a period says of itself, and nodes that are paid around the clock are always there."""
    period, name = plan.periods[number], _name(plan.periods[number])
    usd_per_h = running_usd_per_h(period, catalog)
    yield equal(f"{name}: cost", period.cost_usd_per_h, usd_per_h, "$/h")
    at_prices = sum(n.nodes * n.usd_per_node_h for n in period.nodes)
    yield equal(f"{name}: cost at the prices stated", at_prices, usd_per_h, "$/h")
    new = sum(nodes for _, nodes in started(plan, number, catalog))
    yield equal(f"{name}: nodes started", period.started_nodes, new, "nodes")
    if period.totals is not None:
        yield equal(f"{name}: p99", period.p99_s or 0.0, period.totals.p99_s, "s")
        worst_s, lost_s = period.degraded_p99_s or 0.0, period.totals.degraded_p99_s or 0.0
        yield equal(f"{name}: p99 at the worst loss", worst_s, lost_s, "s")
        yield equal(f"{name}: power", period.power_w, period.totals.power_w, "W")
    else:
        idle_w = sum(idle_node_w(n.offer, catalog) * n.nodes for n in period.nodes)
        yield equal(f"{name}: power", period.power_w, idle_w, "W", "idle")
    bought = {n.offer: n.nodes for every in plan.periods for n in every.nodes}
    lasting = {o: n for o, n in bought.items() if catalog.offers[o].terms in ALL_DAY}
    there = {n.offer: n.nodes for n in period.nodes}
    for offer, nodes in lasting.items():
        yield equal(f"{name}: nodes of {offer}", there.get(offer, 0), nodes, "nodes")


def _counted(period: PeriodPlan, found: Sequence[Finding]) -> Iterator[Finding]:
    """How many promises hold, as one; each broken one by itself."""
    broken = [finding for finding in found if not finding.holds]
    holding = len(found) - len(broken)
    yield equal(f"{_name(period)}: promises that hold", len(found), holding, "promises")
    for finding in broken:
        yield replace(finding, promise=f"{_name(period)}: {finding.promise}")


def _spec_at(spec: Spec, period: PeriodPlan, burstiness: float) -> Spec:
    busiest = period.requests_per_s == spec.qps
    changes = {
        "qps": period.requests_per_s,
        "burstiness": burstiness,
        "profile": None,
        "start_up": None,
        "max_types": None,
        "min_utilisation": spec.min_utilisation if busiest else None,
    }
    return over_day(spec).model_copy(update=changes)


def _plan_of(plan: Plan, period: PeriodPlan) -> Plan:
    return replace(
        plan,
        deployments=period.deployments,
        nodes=period.nodes,
        placements=period.placements,
        totals=period.totals,
        pools=period.pools,
        periods=(),
        objective=None,
    )


def _name(period: PeriodPlan) -> str:
    return f"{period.from_h:.4g}-{period.to_h:.4g} h"
