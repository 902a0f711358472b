"""Which offers may be bought: the filters of the spec, and what the limits need to know.

A limit on carbon, racks, RAM, drives, cooling, delivery or the loss of a place needs a fact of
every offer. Where the
catalogue does not hold it the offer is left out, with a sentence: nothing is guessed.
"""

import re
from collections.abc import Callable, Iterable

from catalog import Catalog
from catalog.errors import did_you_mean
from catalog.schema import Offer
from recommender.errors import Infeasible, MissingData, SpecError
from recommender.request.site_facts import (
    cooling_of,
    grid_g_per_kwh,
    lead_time_days,
    place_is_known,
    rack_nodes,
    rack_units,
)
from recommender.request.spec import Spec

SHOWN = 3
MOST_NAMED = 16
_COUNT = re.compile(r":[\d.]*$")
"""Of `H100:8`, as in `recommend catalog list`; a plan is not limited to such nodes."""


def choose_offers(spec: Spec, catalog: Catalog) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    """(offers that may be bought, sentences on those that lack a fact).

    Raises
    ------
    SpecError
        A name is not known.
    MissingData
        Nothing matches, or nothing that matches has the facts.
    Infeasible
        Everything that matches is out of stock.
    """
    _check_names("provider", spec.provider, {o.provider for o in catalog.offers.values()})
    _check_names("region", spec.region, {o.region for o in catalog.offers.values()})
    _check_names("terms", spec.terms, {o.terms for o in catalog.offers.values()})
    matching = _matching(spec, catalog)
    if not matching:
        raise MissingData(
            "no offer in the catalogue matches the chosen gpu, provider, region and terms; "
            + _wider(spec, catalog)
        )
    sold = [offer for offer in matching if offer.stock is None or offer.stock > 0]
    if not sold:
        raise Infeasible(
            f"none of the {len(matching)} offers that match has any stock; raise the stock in the "
            "overlay, or widen --gpu, --provider or --region"
        )
    return _with_facts(spec, catalog, sold)


def _wider(spec: Spec, catalog: Catalog) -> str:
    """What would match, or where to look."""
    more = len(_matching(spec.model_copy(update={"offers": "all"}), catalog))
    if not more:
        return "see `recommend catalog list --all`"
    return f"{more} {'does' if more == 1 else 'do'} with --offers all"


def _matching(spec: Spec, catalog: Catalog) -> list[Offer]:
    wanted = _accelerators(spec, catalog)
    return [
        offer
        for offer in catalog.offers.values()
        if offer.terms in (*spec.terms, "owned")  # own hardware counts whatever is rented
        and (offer.accelerator in wanted)
        and (not spec.provider or offer.provider in spec.provider)
        and (not spec.region or offer.region in spec.region)
        and (spec.offers == "all" or offer.default or offer.terms == "owned")
        and offer.node_accelerators >= 1
    ]


def _with_facts(
    spec: Spec, catalog: Catalog, offers: list[Offer]
) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    sentences = []
    for what, limit, known in _needs(spec, catalog):
        unknown = [offer for offer in offers if not known(offer)]
        if unknown:
            sentences.append(f"{_listed(unknown)} left out: {what} unknown, and {limit} needs it")
            offers = [offer for offer in offers if known(offer)]
        if not offers:
            raise MissingData(f"{sentences[-1]}; state it in an overlay (--catalog)")
    return tuple(offers), tuple(sentences)


def _needs(spec: Spec, catalog: Catalog) -> Iterable[tuple[str, str, Callable[[Offer], bool]]]:
    """(fact, limit that needs it, whether an offer has it)."""
    if spec.carbon is not None or any(goal.objective == "carbon" for goal in spec.goals):
        yield (
            "grid carbon intensity",
            "--carbon" if spec.carbon is not None else "--minimize carbon",
            lambda offer: grid_g_per_kwh(offer, catalog) is not None,
        )
    if spec.racks is not None:
        yield "rack units", "--racks", lambda offer: rack_units(offer, catalog) is not None
    if spec.min_host_ram_factor is not None:
        yield "host RAM", "--min-host-ram-factor", lambda offer: offer.host_ram_gib is not None
    if spec.survives_rack:
        yield (
            "nodes per rack",
            "--survive rack (with --racks 10x42U@40kW a known chassis says it)",
            lambda offer: rack_nodes(offer, catalog, spec.racks) is not None,
        )
    yield from _needs_of_nodes(spec, catalog)
    if "region" in spec.survived:
        yield "region", "--survive region", place_is_known
    zones_matter = "zone" in spec.survived or (spec.min_zones or 1) > 1
    if zones_matter and spec.zones is None:
        yield (
            "zone",
            "the loss of a zone (or --zones N)" if "zone" in spec.survived else "--min-zones",
            lambda offer: offer.zone is not None or place_is_known(offer),
        )


def _needs_of_nodes(
    spec: Spec, catalog: Catalog
) -> Iterable[tuple[str, str, Callable[[Offer], bool]]]:
    """What limits on single nodes need: lead time, cooling, drives, network."""
    if spec.within is not None:
        yield "lead time", "--within", lambda offer: lead_time_days(offer) is not None
    if spec.cooling is not None:
        yield "cooling", "--cooling", lambda offer: cooling_of(offer, catalog) is not None
    if spec.max_load_time is not None:
        yield (
            "local storage and its speed",
            "--max-load-time",
            lambda offer: (
                offer.local_storage_gb is not None and offer.local_storage_read_gb_per_s is not None
            ),
        )
    if spec.max_network_share is not None:
        yield "network", "--max-network-share", lambda offer: offer.network_gb_per_s is not None


def _listed(offers: list[Offer]) -> str:
    """`12 offers (aws a, b, c, ...)`."""
    names = ", ".join(offer.name for offer in offers[:SHOWN])
    more = ", ..." if len(offers) > SHOWN else ""
    return f"{len(offers)} offer{'s' if len(offers) > 1 else ''} ({names}{more})"


def _accelerators(spec: Spec, catalog: Catalog) -> frozenset[str]:
    for word in spec.gpu:
        if (count := _COUNT.search(word)) is not None:
            raise SpecError(
                f"--gpu {word}: how many accelerators a node has is for the plan to choose; leave "
                f"{count[0]} out"
            )
    kept = {
        name for g in spec.gpu if not g.startswith("!") for name in catalog.accelerator_names(g)
    }
    dropped = {
        name for g in spec.gpu if g.startswith("!") for name in catalog.accelerator_names(g[1:])
    }
    if not any(not g.startswith("!") for g in spec.gpu):
        kept = set(catalog.accelerators)
    if spec.min_bandwidth is not None:
        kept = {
            name
            for name in kept
            if catalog.accelerators[name].memory_bandwidth_gb_per_s * 1e9 >= spec.min_bandwidth
        }
    return frozenset(kept - dropped)


def _some(names: list[str]) -> str:
    """All names, or the first of them and how many there are."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMED])}, ... ({len(names)}; see `recommend catalog list`)"


def _check_names(what: str, given: tuple[str, ...], known: set[str]) -> None:
    for name in given:
        if name not in known:
            hint = did_you_mean(name, sorted(known)) or f"known are {_some(sorted(known))}"
            raise SpecError(f"unknown {what} {name!r}; {hint}")
