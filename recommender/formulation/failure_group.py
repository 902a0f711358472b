"""Failure group: what is bought, and lost, as a whole.

One node with the multiset of replicas placed on it, or the nodes of one replica that spans
several. It is the column source of the single-service program: n_p counts groups of kind p.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """One kind of failure group, sized and priced.

    Attributes
    ----------
    name
        Unique in a program.
    offer, provider, region, zone, accelerator
        Keys that rows group by.
    nodes
        Nodes of the group: 1, or the nodes that one spanning replica takes [count].
    accelerators
        Accelerators paid for in the group [count].
    replicas
        Candidate key -> replicas of it in the group [count].
    requests_per_s
        Sum of the replicas' largest rates within the SLO, c_p [requests/s].
    usd_per_h, nameplate_w
        Of all its nodes.
    stock
        Most nodes of the offer; None is unlimited.
    quality_loss_pct
        Of the worst precision in it [%].
    carbon_g_per_h
        Emissions of all its nodes at planned load [g CO2e/h]; None is unknown.
    planned_w
        Power of all its nodes at planned load [W]; None is unknown.
    rack_units
        Height of one of its nodes [U]; None is unknown.
    rack_nodes
        Nodes that one rack holds [count]; None is unknown.
    rack_pool
        Whose nodes share racks: instance type and place, whatever the terms; the offer if None.
    lead_time_days
        From order to use, where a limit looks at it [days].
    committed
        Whether it is paid around the clock (owned, reserved), not by the hour.
    model
        Model that its replicas serve; empty where the question names one only.
    quality
        Of the model's answers after quantisation, the worst replica's [points of 100]; 0 where no
        row looks at it.
    """

    name: str
    offer: str
    provider: str
    region: str
    accelerator: str
    nodes: int
    accelerators: int
    replicas: Mapping[str, int]
    requests_per_s: float
    usd_per_h: float
    nameplate_w: float
    zone: str | None = None
    stock: int | None = None
    quality_loss_pct: float = 0.0
    carbon_g_per_h: float | None = None
    planned_w: float | None = None
    rack_units: int | None = None
    rack_nodes: int | None = None
    rack_pool: str | None = None
    lead_time_days: float = 0.0
    committed: bool = False
    model: str = ""
    quality: float = 0.0

    @property
    def racks_of(self) -> str:
        """Name of the pool of racks that it stands in."""
        return self.rack_pool or self.offer
