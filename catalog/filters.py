"""Filters of offers as people know them from price lists.

--gpu H100:8, A100:2.., !L4      name, alias or family; accelerators of the node
--memory 80GB.., 24GB..48GB      memory of one accelerator
--max-price $3/h, $2.5/gpu-h     the node, or one of its accelerators
--provider, --region, --terms    exact, in any case
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from catalog.catalog import MOST_NAMED, Catalog
from catalog.errors import CatalogError, did_you_mean
from catalog.schema import Offer, Terms

Keeps = Callable[[Offer], bool]
_GPU = re.compile(r"^(!?)(.+?)(?::(\d+)?(\.\.)?(\d+)?)?$")
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*(gb|gib|tb|tib)?$", re.IGNORECASE)
_BYTES = {"gb": 1.0, "gib": 1.073741824, "tb": 1000.0, "tib": 1099.511627776}
_PRICE = re.compile(r"^\$?\s*(\d+(?:\.\d+)?)\s*(?:/\s*(gpu-?h|h|hr|hour))$", re.IGNORECASE)
INFINITE = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to keep; None keeps everything."""

    gpu: Sequence[str] = ()
    memory: str | None = None
    max_price: str | None = None
    provider: Sequence[str] = ()
    region: Sequence[str] = ()
    terms: Sequence[str] = ()
    default_only: bool = True


def select_offers(catalog: Catalog, filters: Filters) -> list[Offer]:
    """Offers that pass every filter, cheapest per accelerator first."""
    tests = [test for _, test in named_tests(catalog, filters)]
    kept = [offer for offer in catalog.offers.values() if all(test(offer) for test in tests)]
    return sorted(kept, key=_cheapest_first)


def named_tests(catalog: Catalog, filters: Filters) -> list[tuple[str, Keeps]]:
    """Every filter that is set, with the option that sets it."""
    tests: list[tuple[str, Keeps]] = []
    if filters.gpu:
        tests.append(("--gpu " + " ".join(filters.gpu), _gpu(catalog, filters.gpu)))
    if filters.memory:
        tests.append((f"--memory {filters.memory}", _memory(catalog, filters.memory)))
    tests += _exact(catalog, filters)
    if filters.default_only:
        tests.append(("default offers (--all lifts it)", lambda offer: offer.default))
    if filters.max_price:
        tests.append((f"--max-price {filters.max_price}", _price(filters.max_price)))
    return tests


def _cheapest_first(offer: Offer) -> tuple[float, bool, str]:
    return offer.usd_per_h / offer.node_accelerators, not offer.default_region, offer.name


def _gpu(catalog: Catalog, words: Iterable[str]) -> Keeps:
    wanted: list[tuple[frozenset[str], float, float]] = []
    unwanted: set[str] = set()
    for word in words:
        found = _GPU.match(word.strip())
        if found is None:
            raise CatalogError(f"{word!r} is not an accelerator", hint="such as H100, H100:8, !L4")
        negated, name, low, dots, high = found.groups()
        names = frozenset(catalog.accelerator_names(name))
        if negated:
            unwanted |= names
            continue
        least = float(low) if low else 1.0
        most = float(high) if high else INFINITE if dots or not low else least
        wanted.append((names, least, most))

    def keeps(offer: Offer) -> bool:
        if offer.accelerator in unwanted:
            return False
        return not wanted or any(
            offer.accelerator in names and least <= offer.node_accelerators <= most
            for names, least, most in wanted
        )

    return keeps


def _memory(catalog: Catalog, text: str) -> Keeps:
    low, dots, high = text.partition("..")
    least = _gigabytes(low) if low else 0.0
    most = _gigabytes(high) if high else INFINITE if dots else least
    if least > most:
        raise CatalogError(f"{text!r} holds nothing: its end is below its start")
    return lambda offer: least <= catalog.accelerators[offer.accelerator].memory_gb <= most


def _gigabytes(text: str) -> float:
    found = _SIZE.match(text.strip())
    if found is None or not found[2]:
        raise CatalogError(
            f"{text!r} is not a memory size", hint="such as 80GB, 24GB..48GB, 80GB.."
        )
    return float(found[1]) * _BYTES[found[2].lower()]


def _price(text: str) -> Keeps:
    found = _PRICE.match(text.strip())
    if found is None:
        raise CatalogError(f"{text!r} is not a price", hint="such as $3/h (a node) or $2.5/gpu-h")
    most, each = float(found[1]), found[2].lower().startswith("gpu")
    return lambda offer: offer.usd_per_h / (offer.node_accelerators if each else 1) <= most


def _exact(catalog: Catalog, filters: Filters) -> list[tuple[str, Keeps]]:
    regions = {offer.region for offer in catalog.offers.values()}
    tests: list[tuple[str, Keeps]] = []
    for what, names, known, value in (
        ("provider", filters.provider, catalog.providers, lambda offer: offer.provider),
        ("region", filters.region, regions, lambda offer: offer.region),
        ("terms", filters.terms, get_args(Terms), lambda offer: offer.terms),
    ):
        if names:
            keeps = _one_of(what, names, sorted(known), value)
            tests.append((f"--{what} {' '.join(names)}", keeps))
    return tests


def _one_of(
    what: str, names: Sequence[str], known: Sequence[str], value: Callable[[Offer], str]
) -> Keeps:
    folded = {name.casefold() for name in known}
    for name in names:
        if name.casefold() not in folded:
            every = f"known are {', '.join(known[:MOST_NAMED])}"
            every += ", ..." if len(known) > MOST_NAMED else ""
            raise CatalogError(f"unknown {what} {name!r}", hint=did_you_mean(name, known) or every)
    wanted = {name.casefold() for name in names}
    return lambda offer: value(offer).casefold() in wanted
