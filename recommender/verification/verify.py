"""Replay a plan: one replica of each deployment at the rate that it carries.

Replicas of a deployment are alike under random routing, so one stands for all. A replay measures
at least 40,000 requests; as long as a target is undecided it is made four times as long, twice.
Of a trace its busiest minute is replayed by itself as well (`busiest`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log

from recommender.assembly.stated_law import law_of
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Plan
from recommender.queueing.simulated import Simulated
from recommender.queueing.verdict import requests_that_tell, requirements, verdict
from recommender.slo import Slo
from recommender.verification.busiest import AtBusiest, busiest_of
from recommender.verification.judge import goodput, growth, judge_slo, measured_percentiles
from recommender.verification.losses import survivors
from recommender.verification.sources import Source
from recommender.verification.verification import Busiest, Replayed, Verification

FEWEST_REQUESTS = 40_000
LONGER = 4
MOST_EXTENSIONS = 2
MOST_REQUESTS = 2_000_000
SEED = 31_415
_HOUR_S = 3600.0
_LEAST_SHARE = 0.05
_MEND_STEPS = 8
_MEND_REQUESTS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What to replay: demand, losses, how long, and where the requests come from."""

    demand_requests_per_s: float
    failures: int
    hours: float
    source: Source
    arrivals: str
    """In words, for the report."""
    recompute: Mapping[str, StepLaw] = field(default_factory=dict)
    """Deployment of a decode pool -> law by which it computes what it preempts (`sized_again`)."""
    busiest: AtBusiest | None = None
    """The busiest minute, of a trace."""
    promises_busiest: bool = True
    """Whether the plan promises its percentiles there."""


def verify(
    plan: Plan, asked: Replay, *, progress: Callable[[str], None] = lambda _: None
) -> Verification:
    """Replay every deployment; a broken one comes with what would mend it."""
    left = survivors(plan, demand=asked.demand_requests_per_s, failures=asked.failures)
    slo = Slo(plan.targets, plan.goodput)
    replays = []
    for d in plan.deployments:
        if d.name in left.replicas:
            progress(f"replaying {d.name}")
            rate, replicas = left.requests_per_s[d.name], left.replicas[d.name]
            replays.append(_replay(d, rate, replicas, slo, asked))
    return Verification(
        demand_requests_per_s=asked.demand_requests_per_s,
        arrivals=asked.arrivals,
        lost=left.lost,
        replays=tuple(replays),
    )


def _replay(
    d: Deployment,
    rate: float,
    replicas: int,
    slo: Slo,
    asked: Replay,
) -> Replayed:
    law, source = law_of(d), asked.source
    fewest = max(FEWEST_REQUESTS, requests_that_tell(slo, burstiness=source.burstiness_at(rate)))
    requests = max(fewest, int(rate * asked.hours * _HOUR_S))
    run = until_decided(lambda n: source(law, rate, n, SEED), requests, slo)
    minute = _busiest(law, rate, slo, asked)
    found = _summary(d, replicas, slo, run, source, minute)
    if found.verdict != "breaks":
        return found
    half = min(max(run.ttft_s.size, FEWEST_REQUESTS), _MEND_REQUESTS) // 2
    judged: list[tuple[Source, int]] = [(source, half)]
    if asked.busiest is not None and asked.promises_busiest:
        judged.append((asked.busiest, FEWEST_REQUESTS // 2))
    return replace(found, mend=_mend(law, rate, replicas, slo, judged))


def until_decided(run_of: Callable[[int], Simulated], requests: int, slo: Slo) -> Simulated:
    """A run of so many requests, or of up to sixteen times as many while a target is undecided."""
    requests = min(requests, MOST_REQUESTS)
    run = run_of(requests)
    for _ in range(MOST_EXTENSIONS):
        if verdict(run, slo) != "undecided":
            break
        requests = min(requests * LONGER, MOST_REQUESTS)
        run = run_of(requests)
    return run


def _busiest(law: StepLaw, rate: float, slo: Slo, asked: Replay) -> Busiest | None:
    source = asked.busiest
    if source is None:
        return None
    run = until_decided(lambda n: source(law, rate, n, SEED), requests_that_tell(slo), slo)
    return busiest_of(run, slo, source, promised=asked.promises_busiest)


def _summary(
    d: Deployment,
    replicas: int,
    slo: Slo,
    run: Simulated,
    source: Source,
    busiest: Busiest | None,
) -> Replayed:
    judged, of_goodput = judge_slo(run, slo)
    ratio, grows = growth(run)
    return Replayed(
        deployment=d.name,
        replicas=replicas,
        requests_per_s=run.ttft_s.size / float(run.arrival_s[-1] - run.arrival_s[0]),
        requests=run.ttft_s.size,
        percentiles=measured_percentiles(run),
        targets=judged,
        goodput=goodput(run, slo.targets),
        goodput_judged=of_goodput,
        growth=ratio,
        grows=grows,
        cached_share=run.cached_share,
        preemptions=run.preemptions if source.kv == "preempt" else None,
        busiest=busiest,
    )


def _mend(
    law: StepLaw,
    rate: float,
    replicas: int,
    slo: Slo,
    judged: Sequence[tuple[Source, int]],
) -> str:
    """The largest rate that holds with such arrivals, and the replicas that this means.

    `judged` are sources, with the requests of a run of each.
    """

    def holds(at: float) -> bool:
        runs = (source(law, at, requests, SEED) for source, requests in judged)
        return all(p.estimate <= p.limit for run in runs for p in requirements(run, slo))

    low, high = log(_LEAST_SHARE), 0.0
    held = 0.0
    for _ in range(_MEND_STEPS):
        share = exp(0.5 * (low + high)) if held else exp(low)
        if holds(rate * share):
            low, held = log(share), share
        elif held:
            high = log(share)
        else:
            return (
                f"not even {rate * share:.3g} requests/s hold with these replicas: another layout "
                "or accelerator, or a looser target, is needed"
            )
    needed = -int(-replicas // held)
    return (
        f"a replica holds {rate * held:.3g} requests/s instead of {rate:.3g}: {needed} replicas "
        f"instead of {replicas}, or {held:.0%} of the load"
    )
