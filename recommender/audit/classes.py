"""Whole classes lost, shared and spread: each zone, region, seller or type is taken away in turn.

    left(v)  = sum of rates of the groups that are not in v           >= peak, for every value v
    share(v) = rates of the groups in v / all rates                   <= the largest share allowed

A group stands in the zone that its placement names, else in its offer's, else in its region.
"""

from collections import defaultdict
from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.finding import at_least, at_most, equal
from recommender.plan import Finding, Placement, Plan
from recommender.request.spec import Spec


def capacity_by(plan: Plan, catalog: Catalog, kind: str) -> dict[str, float]:
    """Value of a class -> rate within the SLO of the groups in it [requests/s]."""
    per_replica = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    rates: dict[str, float] = defaultdict(float)
    for placement in plan.placements:
        group = sum(per_replica[name] * count for name, count in placement.replicas.items())
        rates[value_of(placement, catalog, kind)] += placement.groups * group
    return dict(rates)


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """The peak is carried without any one value; shares and counts are kept."""
    if plan.totals is None:
        return
    for kind in spec.survived:  # any rack: audit/racks.py
        rates = capacity_by(plan, catalog, kind)
        for lost in sorted(rates):
            left = sum(rate for value, rate in rates.items() if value != lost)
            promise = f"capacity without {kind} {lost} covers the peak"
            yield at_least(promise, left, spec.qps, "requests/s")
    sellers = capacity_by(plan, catalog, "provider")
    if spec.max_provider_share is not None:
        for seller, rate in sorted(sellers.items()):
            share = rate / sum(sellers.values())
            yield at_most(f"share of {seller}", share, spec.max_provider_share, "")
    if spec.min_providers is not None:
        yield at_least("providers", len(sellers), spec.min_providers, "providers")
    if spec.min_zones is not None:
        zones = capacity_by(plan, catalog, "zone")
        yield at_least("zones", len(zones), spec.min_zones, "zones")
    yield from _zones_exist(plan, spec, catalog)


def value_of(placement: Placement, catalog: Catalog, kind: str) -> str:
    """Zone, region, provider or accelerator of a placement."""
    offer = catalog.offers[placement.offer]
    if kind == "zone":
        return placement.zone or offer.zone or offer.region
    return str(getattr(offer, kind))


def _zones_exist(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """No region has more zones than the spec says, none that an offer does not sell in."""
    used: dict[tuple[str, str], set[str]] = defaultdict(set)
    for placement in plan.placements:
        offer = catalog.offers[placement.offer]
        if not placement.zone:
            continue
        if offer.zone is not None:
            right = float(placement.zone == offer.zone)
            yield at_least(f"{placement.offer} is sold in {placement.zone}", right, 1.0, "")
        else:
            used[offer.provider, offer.region].add(placement.zone)
    for (provider, region), zones in sorted(used.items()):
        named = {f"{provider}/{region}/zone {i + 1}" for i in range(spec.zones or 0)} or {region}
        promise = f"zones of {provider} in {region}"
        yield at_most(promise, len(zones), len(named), "zones")
        yield equal(f"{promise} that are none", 0, len(zones - named), "zones")
