"""What limits look at of offers and requests, read once: grids, racks, lead time, cooling, bytes.

A fact is filled only where the spec limits what it says.
"""

from dataclasses import dataclass

from catalog.schema import Offer
from recommender.request.request import Request
from recommender.request.site_facts import (
    cooling_of,
    grid_g_per_kwh,
    lead_time_days,
    pue_of,
    rack_nodes,
    rack_units,
)
from recommender.sizing.network import front_end_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """Facts of one offer; None is not asked for.

    Attributes
    ----------
    rack_nodes
        Nodes that share a rack [count].
    lead_time_days
        From order to use [days].
    cooling
        air or liquid.
    """

    rack_nodes: int | None = None
    lead_time_days: float | None = None
    cooling: str | None = None


NOTHING = OfferFacts()


def offer_facts(request: Request) -> dict[str, OfferFacts]:
    """Facts by offer name; empty where no limit looks at any."""
    spec, catalog = request.spec, request.catalog
    if not spec.survives_rack and spec.within is None and spec.cooling is None:
        return {}

    def facts(offer: Offer) -> OfferFacts:
        return OfferFacts(
            rack_nodes=rack_nodes(offer, catalog, spec.racks) if spec.survives_rack else None,
            lead_time_days=None if spec.within is None else lead_time_days(offer),
            cooling=None if spec.cooling is None else cooling_of(offer, catalog),
        )

    return {offer.name: facts(offer) for offer in request.offers}


def carbon_g_per_wh(request: Request) -> dict[str, float]:
    """Emissions of a Wh by offer, PUE included [g]; only where a limit or objective needs it."""
    spec, catalog = request.spec, request.catalog
    if spec.carbon is None and all(goal.objective != "carbon" for goal in spec.goals):
        return {}
    pue = pue_of(spec.pue, catalog)
    known = {offer.name: grid_g_per_kwh(offer, catalog) for offer in request.offers}
    return {name: pue * grams / 1000 for name, grams in known.items() if grams is not None}


def units_of_offers(request: Request) -> dict[str, int]:
    """Height of a node by offer [U]; only where racks are limited."""
    if request.spec.racks is None:
        return {}
    known = {offer.name: rack_units(offer, request.catalog) for offer in request.offers}
    return {name: units for name, units in known.items() if units is not None}


def request_bytes(request: Request) -> float:
    """Text of a mean request and its answer on a node's network [B]."""
    lengths = request.workload.lengths
    moved = front_end_bytes(input_tokens=lengths.mean_input, output_tokens=lengths.mean_output)
    return float(moved)
