"""Prices, dates and duplicates of offers.

A price per accelerator-hour must lie between 1/8 and 8 times the median list price of that
accelerator, and between 0.01 and 40 USD. A default offer may not be older than 12 months; a date
may not lie in the future.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from catalog.catalog import Catalog
from catalog.check.finding import Finding, error, warning
from catalog.finish import MAX_DEFAULT_AGE
from catalog.schema import Offer

BOUNDS_USD = (0.01, 40.0)
SPREAD = 8.0


def check_offers(catalog: Catalog, latest: datetime.date) -> Iterator[Finding]:
    """Findings on offers; `latest` is the last day that a price can have."""
    medians = _medians(catalog)
    for row in catalog.offers.values():
        price = per_accelerator(row)
        usual = medians.get(row.accelerator, price)
        if row.terms != "owned" and not BOUNDS_USD[0] <= price <= BOUNDS_USD[1]:
            yield error("offers", row.name, "price_per_h", f"{price:.3f} USD per accelerator-hour")
        elif row.terms == "on_demand" and not usual / SPREAD <= price <= usual * SPREAD:
            yield error(
                "offers",
                row.name,
                "price_per_h",
                f"{price:.2f} USD per accelerator-hour; the median of {row.accelerator} "
                f"is {usual:.2f}",
            )
        yield from _date(row, catalog.as_of, latest)
    yield from _terms_in_order(catalog)


def per_accelerator(offer: Offer) -> float:
    """Price of one accelerator of an offer [USD/h]."""
    return offer.usd_per_h / offer.node_accelerators


def _medians(catalog: Catalog) -> dict[str, float]:
    prices: dict[str, list[float]] = defaultdict(list)
    for offer in catalog.offers.values():
        if offer.terms == "on_demand":
            prices[offer.accelerator].append(per_accelerator(offer))
    return {name: median(values) for name, values in prices.items()}


def _date(row: Offer, as_of: datetime.date, latest: datetime.date) -> Iterator[Finding]:
    if row.date is None:
        if row.kind != "quote" and row.terms != "owned":
            yield warning("offers", row.name, "date", "has no date")
        return
    if row.date > latest and row.kind != "quote":
        yield error("offers", row.name, "date", f"{row.date} lies after {latest}")
    if row.default and row.kind == "list" and as_of - row.date > MAX_DEFAULT_AGE:
        yield error("offers", row.name, "date", f"{row.date} is too old for a default offer")


def _terms_in_order(catalog: Catalog) -> Iterator[Finding]:
    """A commitment or an interruptible node should not cost more than the same on demand."""
    listed = {
        (o.provider, o.instance_type, o.region): o.usd_per_h
        for o in catalog.offers.values()
        if o.terms == "on_demand"
    }
    for row in catalog.offers.values():
        on_demand = listed.get((row.provider, row.instance_type, row.region))
        if on_demand is not None and row.terms != "on_demand" and row.usd_per_h > on_demand * 1.001:
            yield warning(
                "offers",
                row.name,
                "price_per_h",
                f"{row.usd_per_h:g} is above the on-demand price {on_demand:g}",
            )
