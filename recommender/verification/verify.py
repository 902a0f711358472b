"""Replay a plan: one replica of each deployment at the rate that it carries.

Replicas of a deployment are alike under random routing, so one stands for all. A replay measures
at least 40,000 requests; as long as a target is undecided it is made four times as long, twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import exp, log

from recommender.assembly.stated_law import law_of
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Plan
from recommender.queueing.simulated import Simulated
from recommender.queueing.verdict import requests_that_tell, requirements, verdict
from recommender.slo import Slo
from recommender.verification.judge import goodput, growth, judge_slo, measured_percentiles
from recommender.verification.losses import survivors
from recommender.verification.sources import Source
from recommender.verification.verification import Replayed, Verification

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
    law = law_of(d)
    fewest = max(
        FEWEST_REQUESTS, requests_that_tell(slo, burstiness=asked.source.burstiness_at(rate))
    )
    requests = min(max(fewest, int(rate * asked.hours * _HOUR_S)), MOST_REQUESTS)
    run = asked.source(law, rate, requests, SEED)
    for _ in range(MOST_EXTENSIONS):
        if verdict(run, slo) != "undecided":
            break
        requests = min(requests * LONGER, MOST_REQUESTS)
        run = asked.source(law, rate, requests, SEED)
    return _summary(d, law, rate, replicas, slo, run, asked.source)


def _summary(
    d: Deployment,
    law: StepLaw,
    rate: float,
    replicas: int,
    slo: Slo,
    run: Simulated,
    source: Source,
) -> Replayed:
    judged, of_goodput = judge_slo(run, slo)
    ratio, grows = growth(run)
    broken = verdict(run, slo) == "breaks"
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
        mend=_mend(law, rate, replicas, slo, source, run.ttft_s.size) if broken else "",
        cached_share=run.cached_share,
        preemptions=run.preemptions if source.kv == "preempt" else None,
    )


def _mend(law: StepLaw, rate: float, replicas: int, slo: Slo, source: Source, requests: int) -> str:
    """The largest rate that holds with such arrivals, and the replicas that this means."""
    requests = min(max(requests, FEWEST_REQUESTS), _MEND_REQUESTS) // 2
    low, high = log(_LEAST_SHARE), 0.0
    held = 0.0
    for _ in range(_MEND_STEPS):
        share = exp(0.5 * (low + high)) if held else exp(low)
        run = source(law, rate * share, requests, SEED)
        if all(part.estimate <= part.limit for part in requirements(run, slo)):
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
