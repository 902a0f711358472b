"""A plan: what to buy, what runs on it, what it promises, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recommender.pool_split import PoolPart as PoolPart
from recommender.pool_split import PoolSplit as PoolSplit
from recommender.reasons import Assumption as Assumption
from recommender.reasons import Finding as Finding
from recommender.reasons import FrontPoint as FrontPoint
from recommender.reasons import Funnel as Funnel
from recommender.reasons import LedgerLine as LedgerLine
from recommender.reasons import Repair as Repair
from recommender.reasons import RunnerUp as RunnerUp
from recommender.slo import Target

SCHEMA_VERSION = "1"
DECIDED = ("optimal", "infeasible")
"""Statuses that more time would not change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`dp` equal replicas of a service on nodes of one offer.

    Names are the JSON contract; every number carries its unit in its name.
    `*_predicted_s` is the closed form beside the simulated figure.
    """

    service: str
    model: str
    provider: str
    offer: str
    accelerator: str
    precision: str
    kv_precision: str
    engine: str
    tp: int
    pp: int
    adp: int
    ep: int
    dp: int
    max_batch: int
    chunk_tokens: int
    accelerators_per_replica: int
    nodes_per_replica: int
    nodes: int
    accelerators: int
    requests_per_s: float
    max_requests_per_s: float
    share: float
    utilisation: float
    ttft_p99_s: float
    tpot_p99_s: float
    e2e_p99_s: float
    ttft_p99_predicted_s: float
    tpot_p99_predicted_s: float
    e2e_p99_predicted_s: float
    vram_used_gib: float
    vram_usable_gib: float
    weights_gib: float
    kv_cache_gib: float
    overhead_gib: float
    quality_loss_pct: float
    quality_basis: str
    cost_usd_per_h: float
    power_w: float
    basis: str
    rate_basis: str
    itl_p99_s: float | None = None
    """Gap between tokens, p99 over all gaps."""
    name: str = ""
    """Unique in a plan: placements refer to it."""
    sharing: str = ""
    """How instances share an accelerator: mig-1g.10gb, shared-by-2; empty where they do not."""
    instances_per_accelerator: int = 1
    """Replicas on one accelerator; then `accelerators_per_replica` is 1, the one they share."""
    load_time_s: float | None = None
    """Time to read a node's weights from its own drives; None where they are unknown."""
    targets_s: tuple[float, ...] = ()
    """What each target of the plan comes to at the carried rate, in the plan's order."""
    targets_predicted_s: tuple[float, ...] = ()
    targets_half_width_s: tuple[float, ...] = ()
    """How far simulated percentiles may be off at 95 % one-sided; 0 where the run cannot tell (rare
    buckets under goodput), empty for closed forms."""
    goodput: float | None = None
    """Share of requests that meet all limits; None where the SLO does not ask."""
    goodput_predicted: float | None = None
    step_law: Mapping[str, float] = field(default_factory=dict)
    """The step law at the plan's confidence (field names of StepLaw), for replays."""
    pool: str = ""
    """`prefill` or `decode`; empty where replicas do both."""
    quality: float | None = None
    """Of the model after quantisation [points of 100]; None where nobody asks."""
    transfer_s_per_token: float = 0.0
    """Of a pool: time to move a prompt token's cache on one rank's share of the network."""


@dataclass(frozen=True, slots=True)
class NodePurchase:
    """Nodes of one offer; nodes can be shared by deployments."""

    offer: str
    nodes: int
    usd_per_node_h: float
    price_date: str
    price_source: str
    node_accelerators: int = 0
    """Accelerators of one node; 0 is not stated."""
    terms: str = ""
    """`on_demand`, `spot`, `reserved_1yr`, ...; empty is not stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Equal failure groups: what runs together on a node, or over the nodes of one replica.

    Attributes
    ----------
    groups
        How many such groups are bought; losing one node loses its whole group [count].
    nodes_per_group
        1, or the nodes of one replica that spans several [count].
    replicas
        Deployment name -> its replicas in one group [count].
    requests_per_s
        Largest rate of one group within the SLO [requests/s].
    """

    offer: str
    groups: int
    nodes_per_group: int
    replicas: Mapping[str, int]
    requests_per_s: float
    zone: str = ""
    """Zone to buy the groups in; empty where no limit names zones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals of a plan; only these and `nodes` add up."""

    nodes: int
    accelerators: int
    requests_per_s: float
    cost_usd_per_h: float
    cost_usd_per_month: float
    usd_per_million_output_tokens: float | None
    """At the mean rate; None when the workload's peak-to-mean ratio is unknown."""
    usd_per_million_output_tokens_at_peak: float
    power_w: float
    power_nameplate_w: float
    p99_s: float
    degraded_p99_s: float | None
    energy_kwh_per_month: float
    quality_loss_pct: float
    cost_not_included: tuple[str, ...]
    mean_cost_usd_per_h: float | None = None
    """Over the day, start-ups included; None for a plan of one rate. Months follow from it."""
    carbon_kg_per_month: float | None = None
    """Planned power x PUE x grid [kg CO2e]; None where a grid is unknown, and over a day."""
    joules_per_output_token: float | None = None
    """Planned power over output tokens, without PUE: at the peak rate, of a day on average [J]."""
    quality: float | None = None
    """Mean over requests of the models' quality after quantisation [points of 100]."""
    start_up_usd_per_h: float | None = None
    """Its part for nodes that start up before a period."""
    horizon_h: float | None = None
    """Hours of `--horizon`."""
    cost_over_horizon_usd: float | None = None
    """Mean cost times these hours: today's prices, no discounting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPlan:
    """What runs in one period of the day; `to_h` is at most 24.

    Attributes
    ----------
    requests_per_s
        Rate in the peak window of the period [requests/s].
    nodes
        All that is paid for in the period, committed nodes among them.
    cost_usd_per_h, power_w
        Of these nodes while the period lasts.
    p99_s, degraded_p99_s
        Of the first target, all up and at the worst loss survived; None without demand.
    started_nodes
        Nodes that did not run in the period before.
    deployments, placements, totals, pools
        As for a plan of this rate alone; empty, and None, without demand.
    """

    from_h: float
    to_h: float
    requests_per_s: float
    nodes: tuple[NodePurchase, ...]
    cost_usd_per_h: float
    p99_s: float | None
    degraded_p99_s: float | None
    power_w: float
    started_nodes: int = 0
    deployments: tuple[Deployment, ...] = ()
    placements: tuple[Placement, ...] = ()
    totals: Totals | None = None
    pools: PoolSplit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole answer. `deployments`, `nodes` and `totals` are what to buy and run."""

    status: str
    proof: str
    spec: Mapping[str, Any]
    model: str
    targets: tuple[Target, ...] = ()
    """The SLO as it was read; the first target is the one that `p99_s` refers to."""
    goodput: float | None = None
    """Least share of requests that meet all limits together, in place of percentiles."""
    deployments: tuple[Deployment, ...] = ()
    nodes: tuple[NodePurchase, ...] = ()
    placements: tuple[Placement, ...] = ()
    totals: Totals | None = None
    pools: PoolSplit | None = None
    """Set where prompts and tokens are served by pools of their own."""
    periods: tuple[PeriodPlan, ...] = ()
    """Over a day of changing demand: what runs when; `deployments`, `nodes` and `placements` are
    those of the busiest period, `totals` too, but for the mean cost, the month and the energy."""
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    solver: str = ""
    assumptions: tuple[Assumption, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    binding: tuple[str, ...] = ()
    """Why it won: the rows and limits that bind, one sentence each."""
    runners_up: tuple[RunnerUp, ...] = ()
    front: tuple[FrontPoint, ...] = ()
    audit: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()
    warnings: tuple[str, ...] = ()
    funnel: Funnel | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Phase -> wall time [s]."""
