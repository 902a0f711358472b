"""Latency, replayed: each deployment at the rate it carries, with seeds of the audit's own."""

from collections.abc import Iterator

from recommender.audit.finding import at_most
from recommender.plan import Finding, Plan
from recommender.spec import Spec


def findings(plan: Plan, spec: Spec, *, replay: bool) -> Iterator[Finding]:
    """Stated p99s are inside the targets."""
    limits = (
        ("TTFT p99", "ttft_p99_s", spec.p99 if spec.p99 is not None else spec.ttft_p99),
        ("TPOT p99", "tpot_p99_s", spec.tpot_p99),
        ("E2E p99", "e2e_p99_s", spec.e2e_p99),
    )
    for d in plan.deployments:
        for promise, field, limit in limits:
            if limit is not None:
                yield at_most(f"{d.name}: {promise}", getattr(d, field), limit, "s")
