"""Warnings of a plan: what a buyer must check before signing."""

from recommender.assemble import Assembled
from recommender.decision import Decision
from recommender.request import Request

UNVERIFIED_NODES = 32
"""More nodes of one cloud offer than this are seldom available on demand."""
CALIBRATED = ("calibrated", "measured")


def warnings_of(request: Request, parts: Assembled, decision: Decision) -> tuple[str, ...]:
    """Sentences, the most expensive risk first."""
    offers = request.catalog.offers
    found = []
    for purchase in parts.nodes:
        offer = offers[purchase.offer]
        if purchase.nodes > UNVERIFIED_NODES and offer.stock is None:
            found.append(
                f"{purchase.nodes} nodes of {purchase.offer}: availability not verified; ask the "
                "provider, or state the stock in an overlay"
            )
    for d in parts.deployments:
        if d.basis not in CALIBRATED:
            found.append(
                f"{d.name}: step times of {d.accelerator} with {d.precision} are {d.basis}, not "
                "measured; calibrate with your own runs before buying"
            )
        if d.quality_basis == "transferred":
            found.append(
                f"{d.name}: the quality loss of {d.precision} was measured on another model family"
            )
    return tuple(found)
