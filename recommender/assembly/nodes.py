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
            offers[name].terms,
        )
        for name, count in counts.items()
    )


def nameplate_w(request: Request, nodes: Sequence[NodePurchase]) -> float:
    """Nameplate power of the nodes [W]."""
    offers = request.catalog.offers
    return sum(node.nodes * offers[node.offer].nameplate_power_w for node in nodes)


def nodes_usd_per_h(nodes: Sequence[NodePurchase]) -> float:
    """What the nodes cost [$/h]."""
    return sum(node.nodes * node.usd_per_node_h for node in nodes)
