"""What performance needs to know of the machine that an offer sells: no price, no seller."""

from dataclasses import dataclass

from catalog.schema import Accelerator


@dataclass(frozen=True, slots=True)
class Hardware:
    """A kind of node. Offers with equal hardware share one performance computation.

    Attributes
    ----------
    node_accelerators
        Accelerators of the node that is bought and that fails as a whole [count].
    network_gb_per_s
        Network per node, one direction [GB/s]; None when the catalogue does not know it,
        and then no replica may span nodes.
    """

    accelerator: Accelerator
    node_accelerators: int
    network_gb_per_s: float | None = None

    @property
    def domain(self) -> int:
        """Accelerators that reach each other over the scale-up link, nodes of a rack included."""
        domain = self.accelerator.scale_up_domain
        if domain <= self.accelerator.accelerators_per_node:  # the link ends at the chassis
            return min(domain, self.node_accelerators)
        return domain
