"""What performance needs to know of the machine that an offer sells: no price, no seller."""

from dataclasses import dataclass
from typing import Literal

from catalog.schema import Accelerator


@dataclass(frozen=True, slots=True)
class Sharing:
    """Engine instances that share one accelerator.

    Attributes
    ----------
    kind
        mig: isolated slices; colocated: memory is split, time on the accelerator is shared.
    instances
        On one accelerator [count].
    profile
        Of a MIG slice: 1g.10gb.
    """

    kind: Literal["mig", "colocated"]
    instances: int
    profile: str = ""

    def __str__(self) -> str:
        return f"mig-{self.profile}" if self.kind == "mig" else f"shared-by-{self.instances}"


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
    sharing
        How instances share an accelerator; then `accelerator` is what one instance has of it, and
        `node_accelerators` counts instances.
    """

    accelerator: Accelerator
    node_accelerators: int
    network_gb_per_s: float | None = None
    sharing: Sharing | None = None

    @property
    def instances(self) -> int:
        """Engine instances on one accelerator, 1 unless it is shared [count]."""
        return 1 if self.sharing is None else self.sharing.instances

    @property
    def name(self) -> str:
        """`H100 80GB SXM5 x8`, `H100 80GB SXM5 mig-1g.10gb x56`."""
        shared = "" if self.sharing is None else f" {self.sharing}"
        return f"{self.accelerator.name}{shared} x{self.node_accelerators}"

    @property
    def domain(self) -> int:
        """Accelerators that reach each other over the scale-up link, nodes of a rack included."""
        domain = self.accelerator.scale_up_domain
        if domain <= self.accelerator.accelerators_per_node:  # the link ends at the chassis
            return min(domain, self.node_accelerators)
        return domain
