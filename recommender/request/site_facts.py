"""Where an offer stands: its zones, its grid, its place in a rack. None is unknown, never guessed.

    zones       the offer's own zone, or `provider/region/zone 1..N` with `--zones N`, or its region
    grid        carbon intensity of the offer's region, else of the region's country     g CO2e/kWh
    PUE         `--pue`, else the world mean of the catalogue                            1
    rack units  of the chassis that the nameplate power was read from                    U
    rack nodes  the offer's own figure; of rack-scale systems the trays of a rack; else the fewer
                of floor(height / rack units) and floor(power / nameplate) of `--racks`  count
    lead time   the offer's own figure; 0 of terms that start at once or are owned       days
    cooling     the offer's own figure, else of its chassis or rack                      class

Grid and country come from the catalogue's facts `carbon intensity of electricity, PLACE` and
`country of PROVIDER REGION`; an overlay adds either for its own sites.
"""

from math import ceil
from typing import Literal

from catalog import Catalog
from catalog.running_cost import PUE_FACT
from catalog.schema import Offer
from recommender.errors import MissingData

NOT_A_PLACE = ("unspecified", "global", "any", "")
"""Regions that do not say where the nodes stand."""
_CHASSIS = "chassis "
_SHARE = "share of chassis "
AT_ONCE = ("on_demand", "spot", "owned")
"""Terms by which a node can be used when it is ordered, or is there already."""


def place_is_known(offer: Offer) -> bool:
    """Whether the region says where the nodes stand."""
    return offer.region.strip().lower() not in NOT_A_PLACE


def zones_of(offer: Offer, zones: int | None) -> tuple[str, ...]:
    """Zones that the nodes of an offer can be put in; equal names are the same zone."""
    if offer.zone is not None:
        return (offer.zone,)
    if zones is None:
        return (offer.region,)
    return tuple(f"{offer.provider}/{offer.region}/zone {i}" for i in range(1, zones + 1))


def grid_g_per_kwh(offer: Offer, catalog: Catalog) -> float | None:
    """Carbon intensity of the grid that an offer runs on [g CO2e/kWh]."""
    country = catalog.facts.get(f"country of {offer.provider} {offer.region}")
    for place in (offer.region, None if country is None else country.value):
        fact = catalog.facts.get(f"carbon intensity of electricity, {place}")
        if fact is not None and fact.number is not None:
            return fact.number
    return None


def pue_of(stated: float | None, catalog: Catalog) -> float:
    """Power usage effectiveness: stated, or the catalogue's world mean [1]."""
    if stated is not None:
        return stated
    fact = catalog.facts.get(PUE_FACT)
    if fact is None or fact.number is None:
        raise MissingData(f"the catalogue holds no fact {PUE_FACT!r}; give --pue")
    return fact.number


def rack_units(offer: Offer, catalog: Catalog) -> int | None:
    """Height of one node in a rack [U]; only where the offer is a whole known chassis."""
    basis = offer.nameplate_basis
    if not basis.startswith(_CHASSIS):
        return None
    chassis = catalog.chassis.get(basis.removeprefix(_CHASSIS))
    if chassis is None or chassis.rack_units is None or chassis.kind == "rack":
        return None
    return int(chassis.rack_units)


def rack_nodes(offer: Offer, catalog: Catalog, racks: tuple[int, int, float] | None) -> int | None:
    """Nodes of the offer that share a rack [count]; `racks` is count, units, W of `--racks`."""
    if offer.nodes_per_rack is not None:
        return offer.nodes_per_rack
    for chassis in catalog.chassis.values():
        if chassis.kind == "rack" and chassis.accelerator == offer.accelerator:
            return max(chassis.accelerators // offer.node_accelerators, 1)
    units = rack_units(offer, catalog)
    if racks is None or units is None:
        return None
    _, height, watts = racks
    return min(height // units, int(watts) // ceil(offer.nameplate_power_w)) or None


def lead_time_days(offer: Offer) -> float | None:
    """Days from order to use; reserved terms do not say theirs."""
    if offer.lead_time_days is not None:
        return offer.lead_time_days
    return 0.0 if offer.terms in AT_ONCE else None


def cooling_of(offer: Offer, catalog: Catalog) -> Literal["air", "liquid"] | None:
    """What cools the node: a part of a server may stand in another machine, one of a rack not."""
    if offer.cooling is not None:
        return offer.cooling
    basis = offer.nameplate_basis
    chassis = catalog.chassis.get(basis.removeprefix(_SHARE).removeprefix(_CHASSIS))
    if chassis is None or (basis.startswith(_SHARE) and chassis.kind != "rack"):
        return None
    return chassis.cooling
