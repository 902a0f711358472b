"""Words for offers and times, the same wherever a plan is described."""

from catalog.schema import Offer


def node_name(offer: Offer) -> str:
    """`8xB200 180GB SXM at nebius`."""
    terms = "" if offer.terms == "on_demand" else f", {offer.terms.replace('_', ' ')}"
    return f"{offer.node_accelerators}x{offer.accelerator} at {offer.provider}{terms}"


def price_date(offer: Offer) -> str:
    """`2026-09-06`, `2026-02` or `2026`, as far as it is known; `undated`."""
    if offer.date is None:
        return "undated"
    parts = {"day": 3, "month": 2, "year": 1, "undated": 0}[offer.date_precision]
    return "-".join(str(offer.date).split("-")[:parts]) or "undated"


def duration_text(seconds: float) -> str:
    """`231 ms`, `5.28 s`."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"
