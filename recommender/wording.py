"""Words for offers, prices and times, the same wherever a plan is described."""

from catalog.schema import Offer


def node_name(offer: Offer) -> str:
    """`8xB200 180GB SXM at nebius`."""
    terms = "" if offer.terms == "on_demand" else f", {offer.terms.replace('_', ' ')}"
    return f"{offer.node_accelerators}x{offer.accelerator} at {offer.provider}{terms}"


def hourly(usd_per_h: float) -> str:
    """`$44.50/h`, and from $100 without cents, as tables have it: `$376,992/h`."""
    return f"${usd_per_h:,.{2 if round(usd_per_h, 2) < 100 else 0}f}/h"


def price_date(offer: Offer) -> str:
    """`2026-09-06`, `2026-02` or `2026`, as far as it is known; `undated`."""
    if offer.date is None:
        return "undated"
    parts = {"day": 3, "month": 2, "year": 1, "undated": 0}[offer.date_precision]
    return "-".join(str(offer.date).split("-")[:parts]) or "undated"


def duration_text(seconds: float, digits: int = 3) -> str:
    """`231 ms`, `5.28 s`."""
    if seconds < 0.9995:
        return f"{seconds * 1e3:.{digits}g} ms"
    return f"{seconds:.{digits}g} s"


def duration_apart(seconds: float, other_s: float) -> str:
    """A time with as many digits as tell it from another: `50.04 ms`, of 50 ms."""
    for digits in (3, 4, 5):
        if (text := duration_text(seconds, digits)) != duration_text(other_s, digits):
            return text
    return duration_text(seconds, 6)
