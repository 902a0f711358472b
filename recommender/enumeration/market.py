"""The market: offers, and the kinds of node of the replica table that each one sells."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.schema import Offer


@dataclass(frozen=True, slots=True)
class Market:
    """Offers and, per offer, positions in the table's hardware.

    An offer sells its node for replicas inside it, and, where its network is known, the same
    node for replicas that span several.
    """

    offers: tuple[Offer, ...]
    kinds_of_offer: tuple[tuple[int, ...], ...]

    def where(self, keep: Callable[[Offer], bool]) -> "Market":
        """The market restricted to the offers that `keep` accepts."""
        pairs = [(o, k) for o, k in zip(self.offers, self.kinds_of_offer, strict=True) if keep(o)]
        return Market(tuple(o for o, _ in pairs), tuple(k for _, k in pairs))
