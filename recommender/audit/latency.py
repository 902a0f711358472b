"""Latency, re-derived: a lower bound by hand, and a replay with seeds of the audit's own.

TTFT p99  >=  frontend + d * (99th percentile of the prompt)      nobody waits less than that
TPOT p99  >=  a                                                   a step is never shorter
replay    simulate each deployment at the rate it carries; the target is broken when the
          lower confidence limit of the percentile lies beyond it
"""

from collections.abc import Iterator

import numpy as np

from catalog import Catalog
from recommender.audit.finding import at_least, at_most
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Finding, Plan
from recommender.slo import Metric
from recommender.spec import Spec
from recommender.workload import Lengths

SEED = 977
COMPANION_TPOT_P99_S = 0.05
"""What `--p99` promises besides the first token."""


def findings(plan: Plan, spec: Spec, catalog: Catalog, *, replay: bool) -> Iterator[Finding]:
    """Stated p99s are inside the targets, above the bounds, and survive a replay."""
    lengths = _lengths(spec, catalog)
    for d in plan.deployments:
        for metric, limit_s in _limits(spec):
            stated_s = getattr(d, f"{metric}_p99_s", None)
            if stated_s is not None:
                yield at_most(f"{d.name}: {metric.upper()} p99", stated_s, limit_s, "s")
        yield from _bounds(d, lengths)
        if replay:
            yield from _replay(d, spec, catalog, lengths)


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


def _lengths(spec: Spec, catalog: Catalog) -> Lengths:
    lengths = Lengths(*catalog.lengths(spec.workload))
    return lengths.rescaled(mean_input=spec.isl, mean_output=spec.osl)


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
    yield at_least(f"{d.name}: TPOT p99 above its bound", d.tpot_p99_s, law["a"], "s")


def _replay(d: Deployment, spec: Spec, catalog: Catalog, lengths: Lengths) -> Iterator[Finding]:
    from recommender.queueing.simulator import simulate

    run = simulate(
        StepLaw(**dict(d.step_law)),  # type: ignore[arg-type]  # basis is left out
        lengths,
        d.requests_per_s / d.dp,
        seed=SEED,
        burstiness=spec.burstiness or catalog.workload(spec.workload).burstiness,
    )
    for metric, limit_s in _limits(spec):
        centre_s = run.percentile(metric, 0.99)
        lower_s = centre_s - run.half_width(metric, 0.99)
        yield at_most(
            f"{d.name}: {metric.upper()} p99 replayed",
            lower_s,
            limit_s,
            "s",
            f"lower confidence limit; centre {centre_s * 1e3:.3g} ms",
        )
