"""What a cost over a horizon leaves to be paid, or does not hold: commitments, and purchases.

    due after the horizon = nodes * price per hour * (hours of the term - hours of the horizon)

Within the horizon a reserved node costs its price by the hour, as any other. A term that is longer
goes on; one that is shorter is taken to be renewed alike. Own nodes pay their purchase by the hour,
as amortisation; where an overlay states none, the purchase is in no figure.
"""

from collections.abc import Iterator

from recommender.horizon import span_words
from recommender.plan import NodePurchase
from recommender.request.request import Request
from recommender.units import HOURS_PER_YEAR

COMMITTED_H = {"reserved_1yr": HOURS_PER_YEAR, "reserved_3yr": 3 * HOURS_PER_YEAR}
"""Hours of the terms that commit."""


def horizon_warnings(request: Request, nodes: tuple[NodePurchase, ...]) -> Iterator[str]:
    """One sentence per offer whose commitment or purchase the cost over the horizon does not hold.

    Nothing where no horizon is asked for.
    """
    horizon_h = request.spec.horizon
    if horizon_h is None:
        return
    for bought in nodes:
        offer = request.catalog.offers[bought.offer]
        committed_h = COMMITTED_H.get(offer.terms, 0.0)
        if committed_h > horizon_h:
            due = bought.nodes * bought.usd_per_node_h * (committed_h - horizon_h)
            yield (
                f"{bought.nodes:,} nodes of {bought.offer} are committed for "
                f"{span_words(committed_h)}: ${due:,.0f} more fall due after the horizon of "
                f"{span_words(horizon_h)}"
            )
        if offer.electricity_per_kwh is not None and not offer.amortisation_per_h:
            yield (
                f"{bought.offer} has no amortisation_per_h: its purchase is not in the cost over "
                f"{span_words(horizon_h)}"
            )
