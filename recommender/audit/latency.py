"""Latency, re-derived: a lower bound by hand, and a replay with seeds of the audit's own.

TTFT p99  >=  frontend + d * (99th percentile of the prompt)      nobody waits less than that
TPOT p99  >=  a                                                   a step is never shorter
replay    simulate each deployment at the rate it carries and at its largest rate; a target is
          broken when the lower confidence limit of its percentile lies beyond it, a stated p99
          when it lies below
"""

from collections.abc import Iterator

import numpy as np

from recommender.audit.finding import at_least, at_most, equal
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec
from recommender.slo import Metric
from recommender.workload import Lengths, Workload

SEED = 977
CONFIDENCE = 0.999
"""One-sided, of the lower limit of a replay: a plan has many, and none may cry wolf."""
COMPANION_TPOT_P99_S = 0.05
"""What `--p99` promises besides the first token."""


def findings(plan: Plan, spec: Spec, workload: Workload, *, replay: bool) -> Iterator[Finding]:
    """Stated p99s are inside the targets, above the bounds, and survive a replay."""
    limits = _limits(spec)
    for d in plan.deployments:
        for metric, limit_s in limits:
            stated_s = getattr(d, f"{metric}_p99_s", None)
            if stated_s is not None:
                yield at_most(f"{d.name}: {metric.upper()} p99", stated_s, limit_s, "s")
        yield from _bounds(d, workload.lengths)
        if replay:
            yield from _replay(d, spec, workload)
    first = f"{limits[0][0]}_p99_s"
    if plan.totals is not None and all(hasattr(d, first) for d in plan.deployments):
        worst_s = max(getattr(d, first) for d in plan.deployments)
        yield equal("p99 of the plan is its worst deployment's", plan.totals.p99_s, worst_s, "s")


def _limits(spec: Spec) -> list[tuple[Metric, float]]:
    tpot_s = spec.tpot_p99
    if tpot_s is None and spec.p99 is not None:
        tpot_s = COMPANION_TPOT_P99_S
    stated: list[tuple[Metric, float | None]] = [
        ("ttft", spec.p99 if spec.p99 is not None else spec.ttft_p99),
        ("tpot", tpot_s),
        ("itl", spec.itl_p99),
        ("e2e", spec.e2e_p99),
    ]
    return [(metric, limit) for metric, limit in stated if limit is not None]


def _bounds(d: Deployment, lengths: Lengths) -> Iterator[Finding]:
    law = d.step_law
    if not law:
        return
    prompt = float(np.quantile(lengths.input_tokens, 0.99, method="lower"))
    yield at_least(
        f"{d.name}: TTFT p99 above its bound",
        d.ttft_p99_s,
        law["frontend_s"] + law["d"] * prompt,
        "s",
        "frontend + prompt time of the 99th percentile, without any queue",
    )
    if (lengths.output_tokens > 1).any():
        yield at_least(f"{d.name}: TPOT p99 above its bound", d.tpot_p99_s, law["a"], "s")


def _replay(d: Deployment, spec: Spec, workload: Workload) -> Iterator[Finding]:
    """At the rate that it carries, and at the largest rate that it is said to hold."""
    for when, rate in (("", d.requests_per_s), (" at its largest rate", d.max_requests_per_s)):
        lower_s = _lower_limits(d, rate / d.dp, workload, spec)
        for metric, limit_s in _limits(spec):
            name, found_s = f"{d.name}: {metric.upper()} p99", lower_s[metric]
            note = f"lower confidence limit at {CONFIDENCE:.1%}"
            yield at_most(f"{name} replayed{when}", found_s, limit_s, "s", note)
            stated_s = getattr(d, f"{metric}_p99_s", None)
            if not when and stated_s is not None:
                yield at_least(f"{name} is no better than a replay", stated_s, found_s, "s", note)


def _lower_limits(
    d: Deployment, requests_per_s: float, workload: Workload, spec: Spec
) -> dict[Metric, float]:
    """Lower confidence limit of the p99 of each target, of one replica at a rate [s]."""
    from recommender.queueing.simulator import simulate

    law = StepLaw(**dict(d.step_law))  # type: ignore[arg-type]  # basis is left out
    run = simulate(law, workload.lengths, requests_per_s, seed=SEED, burstiness=workload.burstiness)
    return {
        metric: run.percentile(metric, 0.99) - run.half_width(metric, 0.99, confidence=CONFIDENCE)
        for metric, _ in _limits(spec)
    }
