"""What is said about a plan: assumptions, margins, runners-up, front, findings, repairs, funnel."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumption:
    """A default that was taken, and the flag that changes it."""

    name: str
    value: str
    flag: str
    source: str = ""
    effect: str = ""
    """`-18 % cost without it`, where it moves the answer by more than 10 %."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One margin with its price: what the plan would cost without it."""

    margin: str
    value: str
    cost_without_usd_per_h: float | None
    price_usd_per_h: float | None
    price_pct: float | None
    note: str = ""
    assumption: str = ""
    """Name of the assumption whose price this is; empty where no default decides it."""


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best plan under one restriction, and what it loses."""

    restriction: str
    description: str
    cost_usd_per_h: float | None
    cost_pct: float | None
    p99_s: float | None
    power_w: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """A plan that no other beats on every axis."""

    cost_usd_per_h: float
    p99_s: float
    power_w: float
    quality_loss_pct: float
    chosen: bool
    plan: str
    """Readable description: offer, layout, replicas, nodes."""
    nodes: int = 0
    accelerators: int = 0
    simulated: bool = False
    quality: float | None = None
    """Mean over requests [points of 100], where anybody asks; then `quality_loss_pct` is what the
    worst deployment is short of the best model."""
    cost_over_horizon_usd: float | None = None
    """Where `--horizon` asks for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise of the plan, re-derived by other arithmetic."""

    promise: str
    stated: float
    rederived: float
    unit: str
    holds: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change of the request that makes it feasible, with a witness plan."""

    change: str
    value: str
    witness: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many deployments were considered, and why the others were left out."""

    considered: int
    candidates: int
    rejected: Mapping[str, int]
    """Reason -> count."""
    examples: Mapping[str, str]
    """Reason -> one sentence with its number (the nearest miss)."""
