"""What the terms of a purchase and the kind of its price leave open: for whom they are bought.

committed = nodes * price per hour * hours of the term

Spot nodes can be taken back, many at once, while N+k plans for single nodes; reserved ones are paid
to the end of their term, used or not. A price that is no seller's list price is not one to count
on. The part of a commitment that is due behind a horizon is in `horizon_warnings`.
"""

from collections.abc import Iterator

from catalog.schema import Offer
from recommender.explanation.horizon_warnings import COMMITTED_H
from recommender.horizon import span_words
from recommender.plan import NodePurchase
from recommender.request.request import Request

KINDS = {
    "market": "a marketplace: it moves with supply, and single hosts promise little",
    "advert": "an advert: ask what is sold for it",
    "broker": "a broker, not the seller itself",
    "guide": "a guide, not a price list",
    "index": "an index of prices, which is no offer",
}
"""Kind of a price -> where it is from, in words; list prices and quotes go without."""


def terms_warnings(request: Request, nodes: tuple[NodePurchase, ...]) -> Iterator[str]:
    """Sentences on spot and reserved nodes, and on prices that are no list prices."""
    for bought in nodes:
        offer = request.catalog.offers[bought.offer]
        yield from _terms(request, bought, offer)
        if offer.kind in KINDS:
            yield f"the price of {bought.offer} is from {KINDS[offer.kind]}"
        if not offer.whole_node:
            yield f"{bought.offer} is sold by the accelerator, not as a node: ask for whole nodes"


def _terms(request: Request, bought: NodePurchase, offer: Offer) -> Iterator[str]:
    if offer.terms == "spot":
        yield (
            f"{bought.offer} is spot: the seller may take back any of its nodes, or all at once, "
            "at short notice, and its price moves; --redundancy plans for failures, not for that"
        )
    committed_h = COMMITTED_H.get(offer.terms)
    horizon_h = request.spec.horizon
    if committed_h is not None and (horizon_h is None or horizon_h >= committed_h):
        due = bought.nodes * bought.usd_per_node_h * committed_h
        yield (
            f"{bought.offer} is committed for {span_words(committed_h)}: ${due:,.0f} in all, used "
            "or not"
        )
