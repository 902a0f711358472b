"""A candidate: a deployment of one replica, sized; and a rejection: one that is left out."""

from dataclasses import dataclass

from catalog.schema import Offer
from recommender.layout import Layout
from recommender.performance.step_law import StepLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to run one replica of a service on nodes of one offer.

    Attributes
    ----------
    key
        Unique: layout and offer.
    nodes_per_replica
        Nodes one replica touches; above 1 it takes them whole [count].
    requests_per_s
        Largest rate of one replica within the SLO, lambda_c [requests/s].
    rate_basis
        `simulated`, or `closed form` with the factor applied.
    ttft_p99_s, tpot_p99_s, e2e_p99_s
        At that rate [s].
    """

    key: str
    service: str
    offer: Offer
    layout: Layout
    law: StepLaw
    nodes_per_replica: int
    requests_per_s: float
    rate_basis: str
    ttft_p99_s: float
    tpot_p99_s: float
    e2e_p99_s: float
    power_w: float
    quality_loss_pct: float
    quality_basis: str
    weights_bytes: float
    kv_bytes: float
    overhead_bytes: float


@dataclass(frozen=True, slots=True)
class Rejection:
    """A deployment that is not a candidate, with the reason and its number."""

    accelerator: str
    layout: str
    reason: str
    """Short class of the reason, counted in the funnel: `memory`, `heads`, `precision`, ..."""
    detail: str
    """The sentence with its number: `weights 117.9 GiB > 72.0 GiB usable`."""
