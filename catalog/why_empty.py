"""Why no offer passes a set of filters: how many each one leaves, and what is left out for good."""

from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.errors import did_you_mean
from catalog.filters import Filters, named_tests
from catalog.schema import Offer

SHOWN = 3


def why_empty(catalog: Catalog, filters: Filters) -> list[str]:
    """Sentences, for filters that leave nothing."""
    kept = list(catalog.offers.values())
    for name, keeps in named_tests(catalog, filters):
        left = [offer for offer in kept if keeps(offer)]
        if not left:
            counted = "1 offer" if len(kept) == 1 else f"{len(kept)} offers"
            sentences = [f"of {counted} none passes {name}"]
            if name.startswith("--gpu"):
                return [*sentences, *_left_out(catalog, filters)]
            return [*sentences, *_nearest(name, kept)]
        kept = left
    return []


def _nearest(name: str, kept: list[Offer]) -> Iterator[str]:
    if name.startswith("--max-price"):
        best = min(kept, key=lambda offer: offer.usd_per_h)
        each = best.usd_per_h / best.node_accelerators
        yield f"the cheapest is {best.name}: ${best.usd_per_h:.2f}/h, ${each:.2f}/gpu-h"
        return
    column, _, asked = name.removeprefix("--").partition(" ")
    if column in ("provider", "region", "terms"):
        held = sorted({str(getattr(offer, column)) for offer in kept})
        if hint := did_you_mean(asked, held):
            yield hint
            return
        more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
        yield f"they are of {column} {', '.join(held[:SHOWN])}{more}"


def _left_out(catalog: Catalog, filters: Filters) -> Iterator[str]:
    """Accelerators whose offers lack a fact, so that none of theirs can be bought."""
    words = [word.partition(":")[0] for word in filters.gpu if not word.startswith("!")]
    for accelerator in sorted({name for word in words for name in catalog.accelerator_names(word)}):
        rows = [
            row
            for row in catalog.left_out
            if row.table == "offers" and row.reason.endswith(accelerator)
        ]
        if rows:
            yield f"{len(rows)} offers of {accelerator} are left out: {rows[0].reason}"
