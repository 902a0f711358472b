"""The outcome of a replay: what was measured, and what that says about the promise."""

from dataclasses import dataclass
from typing import Literal

from recommender.plan import Finding
from recommender.slo import Metric

Verdict = Literal["holds", "breaks", "undecided"]
PERCENTILES = (0.5, 0.9, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Measured:
    """One percentile with its two-sided 90 % confidence interval [s]."""

    percentile: float
    value_s: float
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One target of the SLO and what the replay says about it."""

    metric: Metric
    percentile: float
    limit_s: float
    value_s: float
    low_s: float
    high_s: float
    verdict: Verdict
    breaks_from_s: float | None = None
    """Start of the first minute whose own percentile lies beyond the limit, if it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One deployment: a replica of it at the rate that it carries.

    Attributes
    ----------
    goodput
        Share of requests that meet every target by themselves.
    growth
        Mean wait for the first token of the last tenth over that of the first tenth.
    grows
        Whether the queue grows without end, as far as the replay can tell.
    mend
        What would make it hold, if it breaks.
    """

    deployment: str
    replicas: int
    requests_per_s: float
    """Of one replica, on average over the replay."""
    requests: int
    percentiles: dict[Metric, tuple[Measured, ...]]
    targets: tuple[Judged, ...]
    goodput: float
    growth: float
    grows: bool
    mend: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst of its targets."""
        return worst(tuple(judged.verdict for judged in self.targets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Everything that `recommend verify` finds.

    Attributes
    ----------
    demand_requests_per_s
        What the plan is asked to carry, in the peak window.
    lost
        What is down: the worst failure groups.
    changed
        Promises of the plan that its own arithmetic does not bear out: an edited plan.
    """

    demand_requests_per_s: float
    arrivals: str
    lost: tuple[str, ...]
    replays: tuple[Replayed, ...]
    changed: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Holds only if every deployment does and the plan is as it was written."""
        if self.changed:
            return "breaks"
        return worst(tuple(replay.verdict for replay in self.replays))


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """`breaks` before `undecided` before `holds`."""
    return next((v for v in ("breaks", "undecided") if v in verdicts), "holds")
