"""The outcome of a replay: what was measured, and what that says about the promise."""

from dataclasses import dataclass
from typing import Literal

from recommender.plan import Finding
from recommender.slo import EVERY_REQUEST, Bucket, Metric, Target

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
    bucket: Bucket = EVERY_REQUEST
    requests: int = 0
    """Requests (of `itl`: gaps) that the percentile is over."""

    @property
    def name(self) -> str:
        """`TTFT p95 for input <= 1024`."""
        return Target(self.metric, self.limit_s, self.percentile, self.bucket).name


@dataclass(frozen=True, slots=True)
class JudgedGoodput:
    """The share of requests that meet all limits, against the one asked for."""

    asked: float
    share: float
    low: float
    high: float
    verdict: Verdict
    breaks_from_s: float | None = None
    """Start of the first minute whose own share lies below, if it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Busiest:
    """The requests of the busiest minute of a trace, repeated with other random routing.

    Attributes
    ----------
    start_s
        Where the minute begins in the superposed trace [s].
    minutes
        How often it was replayed.
    promised
        Whether the plan promises its percentiles there; with `--slo-over trace` it does not.
    """

    start_s: float
    minutes: int
    requests: int
    targets: tuple[Judged, ...]
    goodput: float
    goodput_judged: JudgedGoodput | None = None
    promised: bool = True

    @property
    def verdict(self) -> Verdict:
        """The worst of its targets and of goodput, where that is asked for."""
        goodput = () if self.goodput_judged is None else (self.goodput_judged.verdict,)
        return worst((*(judged.verdict for judged in self.targets), *goodput))


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
    goodput_judged: JudgedGoodput | None = None
    cached_share: float = 0.0
    """Prompt tokens found in the prefix cache."""
    preemptions: int | None = None
    """Requests computed again for want of KV; None where KV is reserved."""
    busiest: Busiest | None = None
    """The busiest minute of a trace; `targets` and all else are over the whole trace."""

    @property
    def verdict_over_all(self) -> Verdict:
        """The worst of its targets and of goodput over all that was replayed."""
        goodput = () if self.goodput_judged is None else (self.goodput_judged.verdict,)
        return worst((*(judged.verdict for judged in self.targets), *goodput))

    @property
    def verdict(self) -> Verdict:
        """The worst, also of the busiest minute of a trace where that is promised."""
        busiest = self.busiest
        told = () if busiest is None or not busiest.promised else (busiest.verdict,)
        return worst((self.verdict_over_all, *told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """The requests of one deployment before, during or after a failure, over all incidents."""

    deployment: str
    phase: str
    requests: int
    targets: tuple[Judged, ...]
    goodput: float
    goodput_judged: JudgedGoodput | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of its targets and of goodput, where that is asked for."""
        goodput = () if self.goodput_judged is None else (self.goodput_judged.verdict,)
        return worst((*(judged.verdict for judged in self.targets), *goodput))


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long after the failure a promise is kept again for good; None: not in the replay [s]."""

    deployment: str
    target: str
    """`TTFT p99`, or `goodput 98 %`."""
    limit_s: float | None
    """None for goodput."""
    back_after_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Nodes that fail during the replay.

    Attributes
    ----------
    fails_s, returns_s, ends_s
        From the start of the replay; nodes that never return have no `returns_s` [s].
    failures
        Groups that fail [count].
    incidents
        Repetitions with other random numbers.
    retried
        Requests on the lost nodes that were sent to survivors, mean over the incidents [count].
    unnoticed_s
        How long requests still went to the lost nodes [s].
    """

    fails_s: float
    returns_s: float | None
    ends_s: float
    lost: tuple[str, ...]
    failures: int
    incidents: int
    retried: float
    phases: tuple[Phase, ...]
    recoveries: tuple[Recovery, ...]
    unnoticed_s: float = 0.0
    what: str = ""
    """What goes down, where there is more than one such replay: `prefill nodes down`."""


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
    outages
        What a failure during the replay does, if it was asked for; of pools, in each pool in turn.
    repairs
        What was left out of the trace, or changed.
    """

    demand_requests_per_s: float
    arrivals: str
    lost: tuple[str, ...]
    replays: tuple[Replayed, ...]
    changed: tuple[Finding, ...] = ()
    outages: tuple[Outage, ...] = ()
    repairs: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Holds only if every deployment does and the plan is as it was written."""
        if self.changed:
            return "breaks"
        phases = (phase for outage in self.outages for phase in outage.phases)
        verdicts = (*(r.verdict for r in self.replays), *(phase.verdict for phase in phases))
        return worst(verdicts)

    @property
    def verdict_over_all(self) -> Verdict:
        """Of the replays over the whole trace, or all of the plan's own workload."""
        return worst(tuple(replayed.verdict_over_all for replayed in self.replays))

    @property
    def verdict_in_busiest(self) -> Verdict | None:
        """Of the busiest minute of a trace, whether or not it is promised; None without one."""
        busiest = [r.busiest for r in self.replays if r.busiest is not None]
        return worst(tuple(minute.verdict for minute in busiest)) if busiest else None

    @property
    def promises_busiest(self) -> bool:
        """Whether a trace was replayed whose busiest minute the plan is made for."""
        busiest = [r.busiest for r in self.replays if r.busiest is not None]
        return bool(busiest) and all(minute.promised for minute in busiest)


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """`breaks` before `undecided` before `holds`."""
    return next((v for v in ("breaks", "undecided") if v in verdicts), "holds")
