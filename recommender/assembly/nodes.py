"""Nodes that a purchase takes of each offer, with their price and its date."""

from collections import defaultdict
from collections.abc import Sequence

from recommender.formulation.failure_group import FailureGroup
from recommender.plan import NodePurchase
from recommender.request.request import Request
from recommender.wording import price_date


def nodes_of(
    request: Request, purchase: Sequence[tuple[FailureGroup, int]]
) -> tuple[NodePurchase, ...]:
    """Offer by offer, in the order of the purchase."""
    counts: dict[str, int] = defaultdict(int)
    for group, count in purchase:
        counts[group.offer] += count * group.nodes
    offers = request.catalog.offers
    return tuple(
        NodePurchase(
            name,
            count,
            offers[name].usd_per_h,
            price_date(offers[name]),
            offers[name].source,
            offers[name].node_accelerators,
        )
        for name, count in counts.items()
    )
