"""Where an offer stands: its zones, its grid, its place in a rack. None is unknown, never guessed.

    zones       the offer's own zone, or `provider/region/zone 1..N` with `--zones N`, or its region
    grid        carbon intensity of the offer's region, else of the region's country     g CO2e/kWh
    PUE         `--pue`, else the world mean of the catalogue                            1
    rack units  of the chassis that the nameplate power was read from                    U

Grid and country come from the catalogue's facts `carbon intensity of electricity, PLACE` and
`country of PROVIDER REGION`; an overlay adds either for its own sites.
"""

from catalog import Catalog
from catalog.schema import Offer
from recommender.errors import MissingData

NOT_A_PLACE = ("unspecified", "global", "any", "")
"""Regions that do not say where the nodes stand."""
PUE_FACT = "PUE, world average of the largest sites 2024"
_CHASSIS = "chassis "


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
