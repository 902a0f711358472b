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

from catalog import Catalog
from catalog.schema import Accelerator, Offer
from recommender import quantity
from recommender.errors import SpecError
from recommender.spec import Spec
from recommender.spec_file import make_spec

_RELATIVE = re.compile(r"([+-]\d+(?:\.\d+)?)\s*%$")
PREFIXES = ("price", "stock", "accelerator")


@dataclass(frozen=True, slots=True)
class Variant:
    """A spec and a catalogue with one value changed."""

    spec: Spec
    catalog: Catalog
    same_performance: bool
    """Whether sizes and rates are those of the original: only prices, stock or limits differ."""


LIMITS = frozenset(
    {
        "qps",
        "headroom",
        "redundancy",
        "budget",
        "power",
        "max_accelerators",
        "max_nodes",
        "max_types",
    }
)
"""Keys of the spec that change the program but no replica."""


def override(spec: Spec, catalog: Catalog, path: str, value: str) -> Variant:
    """The spec and catalogue with `path` set to `value`; raises SpecError for unknown paths."""
    head, _, rest = path.partition(".")
    match head:
        case "price":
            return Variant(spec, _with_price(catalog, rest, value), True)
        case "stock":
            return Variant(spec, _with_stock(catalog, rest, value), True)
        case "accelerator":
            return Variant(spec, _with_figure(catalog, rest, value), False)
    name = path.replace("-", "_")
    if name not in Spec.model_fields:
        known = [*Spec.model_fields, *(f"{prefix}.NAME" for prefix in PREFIXES)]
        close = get_close_matches(name, known, n=1)
        raise SpecError(f"cannot vary {path!r}" + (f"; did you mean {close[0]}?" if close else ""))
    raw = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    return Variant(
        make_spec(raw | {name: value}), catalog, name in LIMITS and spec.minimize != "latency"
    )


def relative_factor(value: str) -> float | None:
    """1.1 of `+10%`; None when the value is absolute."""
    match = _RELATIVE.match(value.strip())
    return None if match is None else 1 + float(match[1]) / 100


def _with_price(catalog: Catalog, query: str, value: str) -> Catalog:
    names = set(catalog.accelerator_names(query))
    factor = relative_factor(value)
    per_accelerator = None if factor is not None else quantity.usd_per_h(value)

    def change(offer: Offer) -> Offer:
        if offer.accelerator not in names:
            return offer
        if factor is not None:
            return offer.model_copy(update={"usd_per_h": offer.usd_per_h * factor})
        price = (per_accelerator or 0.0) * offer.node_accelerators
        return offer.model_copy(update={"usd_per_h": price})

    return _with_offers(catalog, change)


def _with_stock(catalog: Catalog, name: str, value: str) -> Catalog:
    wanted = catalog.offer(name).name
    if not value.isdigit():
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
    if field not in Accelerator.model_fields:
        close = get_close_matches(field, Accelerator.model_fields, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise SpecError(f"an accelerator has no figure {field!r}{hint}")
    names = set(catalog.accelerator_names(query))
    factor = relative_factor(value)
    changed = {}
    for name, row in catalog.accelerators.items():
        if name in names:
            today = getattr(row, field)
            if factor is not None and not isinstance(today, int | float):
                raise SpecError(f"{name} has no {field} to change by {value}")
            new = today * factor if factor is not None else value
            row = Accelerator.model_validate(row.model_dump() | {field: new})
        changed[name] = row
    return replace(catalog, accelerators=changed)
