"""Latency, re-derived: a lower bound by hand, and a replay with seeds of the audit's own.

TTFT p99  >=  frontend + sigma * d * (99th percentile of the prompt)   nobody waits less than that
TPOT p99  >=  a / tokens per step                                      a step is never shorter
replay    simulate each deployment at the rate it carries and at its largest rate; a target is
          broken when the lower confidence limit of its percentile lies beyond it, a stated p99
          when it lies below what one run may say

What looks broken is replayed with other seeds before it is called so (`audit/repeated.py`).
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import isfinite

import numpy as np
import numpy.typing as npt

from recommender.audit.arrivals import requests_of_share
from recommender.audit.finding import at_least, at_most, equal
from recommender.audit.repeated import CONFIDENCE, SEED, Repeated
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Finding, Plan
from recommender.queueing.simulated import Simulated
from recommender.request.spec import Spec
from recommender.slo import EVERY_REQUEST, Bucket, Metric, Target
from recommender.workload import Lengths, Workload

SIMULATED = "simulated"
"""Basis of rates whose p99s were simulated; others state closed forms, which promise no replay."""
COMPANION_TPOT_P99_S = 0.05
"""What `--p99` promises besides the first token."""
FEWEST_REQUESTS, MOST_REQUESTS = 40_000, 1_000_000
MOST_FOR_BURSTS = 400_000
"""Bursts are independent, not their requests: a p99 is as sure as their number allows."""
STUDENT_9 = 4.297
"""99.9 % quantile of Student's distribution with 9 degrees of freedom (tabulated)."""


def findings(plan: Plan, spec: Spec, workload: Workload, *, replay: bool) -> Iterator[Finding]:
    """Stated percentiles are inside the targets, above the bounds, and survive a replay."""
    targets = promised(spec)
    for d in plan.deployments:
        for target, stated_s in zip(targets, _stated(d, targets), strict=True):
            if stated_s is not None and not _joined(target, spec):
                yield at_most(f"{d.name}: {target.name}", stated_s, target.limit_s, "s")
        if len(d.targets_s) == len(targets):
            for target, said_s, stated_s in zip(
                targets, d.targets_s, _stated(d, targets), strict=True
            ):
                if _is_p99(target) and stated_s is not None:
                    yield equal(f"{d.name}: {target.name} said twice", said_s, stated_s, "s")
        if spec.goodput is not None and d.goodput is not None:
            yield at_least(f"{d.name}: goodput", d.goodput, spec.goodput, "1")
        yield from _bounds(d, workload.lengths)
        if replay:
            yield from _replay(d, spec, targets, workload)
    if plan.totals is not None and plan.deployments:
        first = [_stated(d, targets)[0] for d in plan.deployments]
        worst_s = max((s for s in first if s is not None), default=plan.totals.p99_s)
        yield equal("p99 of the plan is its worst deployment's", plan.totals.p99_s, worst_s, "s")


def promised(spec: Spec) -> tuple[Target, ...]:
    """The targets as the spec states them: those of the flags, then those of `--slo`."""
    overall = [t for t in spec.slo if t.metric == "tpot" and t.bucket == EVERY_REQUEST]
    tpot_s = spec.tpot_p99
    if tpot_s is None and spec.p99 is not None and not overall:
        tpot_s = COMPANION_TPOT_P99_S
    flags: list[tuple[Metric, float | None]] = [
        ("ttft", spec.p99 if spec.p99 is not None else spec.ttft_p99),
        ("tpot", tpot_s),
        ("itl", spec.itl_p99),
        ("e2e", spec.e2e_p99),
    ]
    targets = [Target(metric, limit) for metric, limit in flags if limit is not None]
    return tuple(
        replace(t, percentile=spec.goodput) if spec.goodput and _joined(t, spec) else t
        for t in (*targets, *spec.slo)
    )


def _joined(target: Target, spec: Spec) -> bool:
    """Whether goodput takes the place of the target's own percentile: gaps are no requests."""
    return spec.goodput is not None and target.metric != "itl"


def _stated(d: Deployment, targets: tuple[Target, ...]) -> list[float | None]:
    """What a deployment says each target comes to [s]; the p99s of all requests by their fields."""
    others = d.targets_s if len(d.targets_s) == len(targets) else (None,) * len(targets)
    return [
        getattr(d, f"{target.metric}_p99_s") if _is_p99(target) else other
        for target, other in zip(targets, others, strict=True)
    ]


def _is_p99(target: Target) -> bool:
    return target.percentile == 0.99 and target.bucket == EVERY_REQUEST


def _bounds(d: Deployment, lengths: Lengths) -> Iterator[Finding]:
    law = d.step_law
    if not law:
        return
    found = 0 if lengths.cached_tokens is None else lengths.cached_tokens
    computed = lengths.input_tokens - found
    prompt = float(np.quantile(computed, 0.99, method="lower"))
    yield at_least(
        f"{d.name}: TTFT p99 above its bound",
        d.ttft_p99_s,
        law["frontend_s"] + law.get("prompt_stretch", 1.0) * law["d"] * prompt,
        "s",
        "frontend + prompt time of the 99th percentile, without any queue",
    )
    if (lengths.output_tokens > 1).any():
        least_s = law["a"] / law.get("tokens_per_step", 1.0)
        yield at_least(f"{d.name}: TPOT p99 above its bound", d.tpot_p99_s, least_s, "s")


def _replay(
    d: Deployment, spec: Spec, targets: tuple[Target, ...], workload: Workload
) -> Iterator[Finding]:
    """At the rate that it carries, and at the largest rate that it is said to hold."""
    stated = _stated(d, targets)
    note = f"lower confidence limit at {CONFIDENCE:.1%}"
    for when, rate in (("", d.requests_per_s), (" at its largest rate", d.max_requests_per_s)):
        runs = Repeated(partial(replica_run, d, rate / d.dp, workload, targets))
        for target, stated_s in zip(targets, stated, strict=True):
            if not isfinite(runs.first.estimate(target, confidence=CONFIDENCE)[1]):
                continue  # some tenth of the run has no such request: it tells nothing
            name = f"{d.name}: {target.name}"
            if not _joined(target, spec):
                low_s = runs.lower_s(target)
                yield at_most(f"{name} replayed{when}", low_s, target.limit_s, "s", note)
            if not when and stated_s is not None and d.rate_basis == SIMULATED:
                low_s = runs.least_stated_s(target, stated_s)
                yield at_least(f"{name} is no better than a replay", stated_s, low_s, "s", note)
        if spec.goodput is not None:
            yield _goodput(d, runs, targets, spec.goodput, when)


def _goodput(
    d: Deployment, runs: Repeated, targets: tuple[Target, ...], asked: float, when: str
) -> Finding:
    """Share of requests within every limit, against what was asked."""
    good = _good(runs.first, targets)
    tenths = np.array([part.mean() for part in runs.first.parts(good)])
    upper = float(good.mean() + STUDENT_9 * tenths.std(ddof=1) / 10**0.5)
    most = runs.most_share(upper, asked, lambda run: float(_good(run, targets).mean()))
    note = f"upper confidence limit at {CONFIDENCE:.1%}"
    return at_least(f"{d.name}: goodput replayed{when}", most, asked, "1", note)


def _good(run: Simulated, targets: tuple[Target, ...]) -> npt.NDArray[np.bool_]:
    """Requests counted one by one: those within every limit that applies to their lengths."""
    good = np.ones(run.ttft_s.size, dtype=np.bool_)
    times = {"ttft": run.ttft_s, "tpot": run.tpot_s, "e2e": run.e2e_s}
    for target in targets:
        if target.metric != "itl":
            applies = _inside(run, target.bucket) & ~np.isnan(times[target.metric])
            good[applies & (times[target.metric] > target.limit_s)] = False
    return good


def _inside(run: Simulated, bucket: Bucket) -> npt.NDArray[np.bool_]:
    inside = np.ones(run.ttft_s.size, dtype=np.bool_)
    for tokens, least, most in (
        (run.input_tokens, bucket.min_input_tokens, bucket.max_input_tokens),
        (run.output_tokens, bucket.min_output_tokens, bucket.max_output_tokens),
    ):
        inside &= (tokens >= (least or 0)) & (tokens <= (np.inf if most is None else most))
    return inside


def replica_run(
    d: Deployment,
    requests_per_s: float,
    workload: Workload,
    targets: tuple[Target, ...],
    seed: int = SEED,
) -> Simulated:
    """One replica at a rate, with so many requests that 200 lie beyond each percentile."""
    from recommender.queueing.over_profile import simulate_workload
    from recommender.queueing.simulator import replay

    law = StepLaw(**dict(d.step_law))  # type: ignore[arg-type]  # basis is left out
    rarest = min(1.0 - target.percentile for target in targets)
    fewest = max(FEWEST_REQUESTS, 200 / rarest)
    service = workload.requests_per_s
    square = 1 + min(1.0, requests_per_s / service) * (workload.burstiness**2 - 1)
    requests = int(min(max(fewest, min(fewest * square / 4, MOST_FOR_BURSTS)), MOST_REQUESTS))
    if workload.rate_profile is not None:
        return simulate_workload(law, workload, requests_per_s, requests=requests, seed=seed)
    lead = min(requests // 10 + int(2 * law.max_batch * law.ranks), requests)
    arriving = requests_of_share(
        workload,
        requests_per_s,
        stream_rate=service,
        count=lead + requests,
        ranks=int(law.ranks),
        seed=seed,
    )
    return replay(law, arriving, lead=lead, seed=seed)
