"""Use, quality, carbon, racks and host RAM, re-derived from the plan and the catalogue's facts.

utilisation      peak / sum of largest rates
mean loss        sum of (share of requests * loss)
carbon           sum of (power at planned load * PUE * g/kWh of its grid)
racks of offer   ceil( nodes / min( floor(U / U of a node), floor(W / W of a node) ) ), in each
                 zone of its own
host RAM         weights of one replica's accelerators on the node, times the factor
"""

from collections import Counter
from collections.abc import Iterator
from math import ceil, floor, inf

from catalog import Catalog
from catalog.schema import Offer
from recommender.audit.finding import at_least, at_most
from recommender.plan import Finding, Plan
from recommender.request.spec import Spec

WORLD_PUE = "PUE, world average of the largest sites 2024"


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Each limit that the spec states."""
    if plan.totals is None:
        return
    if spec.min_utilisation is not None:
        used = spec.qps / sum(d.max_requests_per_s for d in plan.deployments)
        yield at_least("use at peak", used, spec.min_utilisation, "")
    if spec.max_mean_quality_loss is not None:
        served = sum(d.requests_per_s for d in plan.deployments)
        mean = sum(d.requests_per_s * d.quality_loss_pct for d in plan.deployments) / served
        yield at_most("mean quality loss", mean, 100 * spec.max_mean_quality_loss, "%")
    if spec.carbon is not None:
        yield at_most(
            "emissions at planned load",
            carbon_g_per_h(plan, spec, catalog),
            spec.carbon,
            "g CO2e/h",
            "planned power x PUE x grid",
        )
    if spec.racks is not None:
        count, units, watts = spec.racks
        nodes: Counter[tuple[str, str]] = Counter()
        for p in plan.placements:
            nodes[p.offer, p.zone] += p.groups * p.nodes_per_group
        needed = sum(
            racks_needed(count, catalog.offers[offer], units, watts, catalog)
            for (offer, _), count in nodes.items()
        )
        yield at_most("racks", needed, count, "racks")
    yield from _host_ram(plan, spec, catalog)


def carbon_g_per_h(plan: Plan, spec: Spec, catalog: Catalog) -> float:
    """Emissions of the plan at its planned load; infinite where a grid is unknown [g CO2e/h]."""
    return sum(
        d.power_w * grams_per_wh(catalog.offers[d.offer], spec, catalog) for d in plan.deployments
    )


def grams_per_wh(offer: Offer, spec: Spec, catalog: Catalog) -> float:
    """Emissions of a Wh at the node, losses of the site included [g CO2e/Wh]."""
    return pue_of(spec.pue, catalog) * _grid(offer, catalog) / 1000


def pue_of(stated: float | None, catalog: Catalog) -> float:
    """What is stated, else the mean of the world; infinite where neither is known [1]."""
    if stated is not None:
        return stated
    world = catalog.facts.get(WORLD_PUE)
    return inf if world is None or world.number is None else world.number


def _grid(offer: Offer, catalog: Catalog) -> float:
    facts = catalog.facts
    place = f"carbon intensity of electricity, {offer.region}"
    if place not in facts:
        country = facts.get(f"country of {offer.provider} {offer.region}")
        place = f"carbon intensity of electricity, {None if country is None else country.value}"
    fact = facts.get(place)
    return inf if fact is None or fact.number is None else fact.number


def racks_needed(
    nodes: int, offer: Offer, rack_units: int, rack_w: float, catalog: Catalog
) -> float:
    """Racks for so many nodes of an offer, one kind of node to a rack [count]."""
    chassis = catalog.chassis.get(offer.nameplate_basis.removeprefix("chassis "))
    if chassis is None or chassis.rack_units is None:
        return inf
    by_height = floor(rack_units / chassis.rack_units)
    by_power = floor(rack_w / offer.nameplate_power_w)
    fit = min(by_height, by_power)
    return ceil(nodes / fit) if fit else inf


def _host_ram(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    factor = spec.min_host_ram_factor
    if factor is None:
        return
    for d in plan.deployments:
        offer = catalog.offers[d.offer]
        on_node = min(d.pp * d.tp * d.adp, offer.node_accelerators)
        needed = factor * on_node * d.weights_gib
        yield at_least(f"{d.name}: host RAM", offer.host_ram_gib or 0.0, needed, "GiB")
