"""One value of a spec or of the catalogue, changed by its path: the unit of a what-if.

    qps                     any key of the spec, with a value as on the command line
    price.H100              dollars per node-hour of all offers of these accelerators: `-10%`
                            of today's, or `$2.49/h` per accelerator
    stock.OFFER             most nodes of one offer
    accelerator.H100.FIELD  a figure of the accelerator: a number in the field's unit, or `+20%`

Nothing is changed in place: a new spec and a new catalogue come back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pydantic import ValidationError

from catalog import Catalog
from catalog.errors import did_you_mean
from catalog.offer import MOST_USD_PER_H
from catalog.schema import Accelerator, Offer
from recommender.errors import SpecError
from recommender.request import quantity
from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec

_RELATIVE = re.compile(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*%$")
PREFIXES = {
    "price": "price.NAME",
    "stock": "stock.OFFER",
    "accelerator": "accelerator.NAME.FIELD",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """A spec and a catalogue with one value changed."""

    spec: Spec
    catalog: Catalog
    same_performance: bool
    """Whether sizes and rates are those of the original: only prices, stock or limits differ."""


MOST_CHANGE = 10_000
"""Of a figure of an accelerator: beyond it the arithmetic of step times overflows."""
LIMITS = frozenset(
    {
        "qps",
        "profile",
        "start_up",
        "headroom",
        "redundancy",
        "survive",
        "zones",
        "min_zones",
        "min_providers",
        "max_provider_share",
        "min_utilisation",
        "max_mean_quality_loss",
        "carbon",
        "pue",
        "racks",
        "min_host_ram_factor",
        "within",
        "cooling",
        "max_load_time",
        "max_network_share",
        "budget",
        "horizon",
        "power",
        "max_accelerators",
        "max_nodes",
        "max_types",
        "min_quality",
        "mix_models",
    }
)
"""Keys of the spec that change the program but no replica."""
DEMAND = frozenset({"qps", "profile"})


def override(spec: Spec, catalog: Catalog, path: str, value: str) -> Variant:
    """The spec and catalogue with `path` set to `value`; raises SpecError for unknown paths."""
    head, _, rest = path.partition(".")
    if head in PREFIXES and not rest:
        raise SpecError(f"cannot vary {path!r}: of what? Write it like {PREFIXES[head]}")
    # The level that `--minimize latency` finds depends on prices and limits, and rates on it.
    same_level = all(goal.objective != "latency" for goal in spec.goals)
    match head:
        case "price":
            return Variant(spec, _with_price(catalog, rest, value), same_level)
        case "stock":
            return Variant(spec, _with_stock(catalog, rest, value), same_level)
        case "accelerator":
            return Variant(spec, _with_figure(catalog, rest, value), False)
    name = path.replace("-", "_")
    if name not in Spec.model_fields:
        raise SpecError(f"cannot vary {path!r}{_meant(path)}")
    if name == "workload" and spec.trace is not None:
        raise SpecError(
            f"cannot vary {path!r}: requests are those of --trace {spec.trace}; leave it out, or "
            "vary trace"
        )
    raw = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    # Of bursts a replica gets its share of the demand; a trace is replayed in as many copies.
    same_rates = name in LIMITS and not (name in DEMAND and _bursts_or_follows(spec, catalog))
    # Of one model quality is not looked at before a limit asks for it.
    same_rates = same_rates and not (name == "min_quality" and len(spec.models) == 1)
    return Variant(make_spec(raw | {name: value}), catalog, same_rates and same_level)


def _bursts_or_follows(spec: Spec, catalog: Catalog) -> bool:
    """Whether what a replica holds depends on the demand (`recommender.stream`)."""
    if spec.slo_over == "trace":
        return True
    if spec.burstiness is None and spec.trace is not None:
        return True  # it would have to be read
    return (spec.burstiness or catalog.workload(spec.workload).burstiness) != 1.0


def _meant(path: str) -> str:
    """The nearest path; not did_you_mean, which would not see that `prise` is near `price.NAME`."""
    head, _, _ = path.partition(".")
    name = head.casefold().replace("-", "_")
    close = get_close_matches(name, [*Spec.model_fields, *PREFIXES], n=1)
    if not close:
        return f"; a key of a spec (`recommend schema spec`) or {', '.join(PREFIXES.values())}"
    return f"; did you mean {PREFIXES.get(close[0], close[0])}?"


def relative_factor(value: str) -> float | None:
    """1.1 of `+10%`, 1 of `0%`; None when the value is absolute, SpecError when it is either."""
    match = _RELATIVE.match(value.strip())
    if match is None:
        return None
    change_percent = float(match[1])
    if change_percent and match[1][0] not in "+-":  # of today's, or more than today's?
        raise SpecError(f"{value!r} has no sign; write a change of today's like +10% or -10%")
    return 1 + change_percent / 100


def _with_price(catalog: Catalog, query: str, value: str) -> Catalog:
    names = set(catalog.accelerator_names(query))
    factor = relative_factor(value)
    if factor is not None and factor < 0:
        raise SpecError(f"price {value!r} would be below zero; -100% is free")
    per_accelerator = None if factor is not None else _usd_per_h(value)

    def change(offer: Offer) -> Offer:
        if offer.accelerator not in names:
            return offer
        if factor is not None:
            price = offer.usd_per_h * factor
        else:
            price = (per_accelerator or 0.0) * offer.node_accelerators
        if price > MOST_USD_PER_H:
            raise SpecError(
                f"price {value!r}: {price:g} dollars per hour is more than any node costs; a node "
                f"of {offer.node_accelerators} may cost at most {MOST_USD_PER_H:g}"
            )
        return offer.model_copy(update={"usd_per_h": price})

    return _with_offers(catalog, change)


def _usd_per_h(value: str) -> float:
    try:
        return quantity.usd_per_h(value)
    except ValueError as error:
        raise SpecError(f"{error}; or relative to today's, +10%") from None


def _with_stock(catalog: Catalog, name: str, value: str) -> Catalog:
    wanted = catalog.offer(name).name
    if not value.isdecimal():
        raise SpecError(f"stock {value!r} must be a whole number of nodes")
    return _with_offers(
        catalog,
        lambda offer: (
            offer.model_copy(update={"stock": int(value)}) if offer.name == wanted else offer
        ),
    )


def _with_offers(catalog: Catalog, change: Callable[[Offer], Offer]) -> Catalog:
    return replace(catalog, offers={name: change(o) for name, o in catalog.offers.items()})


def _with_figure(catalog: Catalog, rest: str, value: str) -> Catalog:
    query, _, field = rest.rpartition(".")
    figures = _figures(catalog)
    if field not in figures:
        hint = did_you_mean(field, sorted(figures)) or f"known are {', '.join(sorted(figures))}"
        raise SpecError(f"an accelerator has no figure {field!r}; {hint}")
    changed = dict(catalog.accelerators)
    for name in catalog.accelerator_names(query):
        changed[name] = _changed_row(changed[name], field, value)
    return replace(catalog, accelerators=changed)


def _figures(catalog: Catalog) -> set[str]:
    """Fields that hold a number on some accelerator."""
    return {
        field
        for row in catalog.accelerators.values()
        for field, held in row
        if isinstance(held, int | float)
    }


def _changed_row(row: Accelerator, field: str, value: str) -> Accelerator:
    factor, today = relative_factor(value), getattr(row, field)
    if factor is not None and today is None:
        raise SpecError(f"{row.name} has no {field} to change by {value}")
    new = value if factor is None else today * factor
    cells = row.model_dump() | {field: new}
    try:
        changed = Accelerator.model_validate(cells)
        if today and not 1 / MOST_CHANGE <= getattr(changed, field) / today <= MOST_CHANGE:
            raise SpecError(
                f"{row.name}: {field} {new!r} is no figure of an accelerator; it is {today:g} "
                f"today, and may be up to {MOST_CHANGE:,.0f} times more or less"
            )
        if field == "memory_gb" and row.usable_memory_gib is not None:
            usable = row.usable_memory_gib * changed.memory_gb / row.memory_gb
            changed = changed.model_copy(update={"usable_memory_gib": usable})
    except ValidationError as error:
        raise SpecError(f"{row.name}: {field} {new!r}: {error.errors()[0]['msg']}") from None
    return changed
