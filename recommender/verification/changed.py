"""What a plan says that its spec, its catalogue and its replay do not bear out: it was edited, or
comes from another version.

arithmetic   the audit's own: counts, rates, money, memory, power, targets (`recommender/audit`)
step laws    sized again from spec and catalogue
p99          no better than a replay of the same load, by a lower limit at 99.9 %

A step law differs when any of its numbers does by more than 1e-6, relatively.
"""

from collections.abc import Iterator
from math import isclose

from catalog import Catalog
from recommender.decision.rates import Trust
from recommender.disaggregation.pool_laws import law_in_pool
from recommender.enumeration.replica_table import ReplicaTable
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Finding, Plan, PoolSplit
from recommender.request.request import Request, resolve
from recommender.request.spec import Spec
from recommender.slo import Metric
from recommender.verification.sized_again import sized_again
from recommender.verification.verification import Replayed, Verification

METRICS: tuple[Metric, ...] = ("ttft", "tpot", "e2e")
_SAME = 1e-6
_WIDER = 3.0
"""Half-widths at 99.9 %, of nine degrees of freedom, in those at 95 %, and some to spare."""


def changed(
    plan: Plan, spec: Spec, facts: Catalog, found: Verification, *, as_planned: bool
) -> tuple[Finding, ...]:
    """Findings that do not hold; `as_planned`: `found` replayed what the plan states."""
    from recommender.audit import audit

    request = resolve(spec, facts)
    findings = [*audit(plan, spec, facts, replay=False)]
    for d in plan.deployments:
        findings += _law(d, request, plan.pools)
    if as_planned:
        findings += _stated(plan, found) if plan.pools is None else _of_pairs(plan.pools, found)
    return tuple(finding for finding in findings if not finding.holds)


def _law(d: Deployment, request: Request, split: PoolSplit | None) -> Iterator[Finding]:
    """The step law of a deployment, sized again on its own offer in its own formats."""
    table, positions = sized_again(d, request)
    sized = table.law if split is None else _in_pool(d, table, request, split)
    laws = [sized.take(int(position)) for position in positions]
    if not laws:
        yield Finding(f"{d.name}: its layout is one that is sized", 1.0, 0.0, "", holds=False)
        return
    for name, stated in d.step_law.items():
        again = min((float(getattr(law, name)) for law in laws), key=lambda x: abs(x - stated))
        same = isclose(stated, again, rel_tol=_SAME, abs_tol=0.0)
        yield Finding(f"{d.name}: {name} of the step law", stated, again, "", same)


def _in_pool(d: Deployment, table: ReplicaTable, request: Request, split: PoolSplit) -> StepLaw:
    """The laws as the pool of a deployment has them."""
    return law_in_pool(
        d.pool,
        table.law,
        central=table.central_law,
        lengths=request.workload.lengths,
        held_s=split.held_limit_s,
    )


def _stated(plan: Plan, found: Verification) -> Iterator[Finding]:
    """Stated p99s are no better than the replay finds; closed forms promise no such thing."""
    replays = {replayed.deployment: replayed for replayed in found.replays}
    for d in plan.deployments:
        if d.name not in replays or d.rate_basis != Trust.SIMULATED.value:
            continue
        for metric in METRICS:
            yield _no_better(replays[d.name], metric, getattr(d, f"{metric}_p99_s"))


def _of_pairs(split: PoolSplit, found: Verification) -> Iterator[Finding]:
    """The same of pools, which state the p99s of their worst pair of deployments."""
    for replayed in found.replays:
        for metric in METRICS:
            if metric in split.tandem_p99_s:
                yield _no_better(replayed, metric, split.tandem_p99_s[metric])


def _no_better(replayed: Replayed, metric: Metric, stated_s: float) -> Finding:
    p99 = next(m for m in replayed.percentiles[metric] if m.percentile == 0.99)
    least_s = p99.value_s - _WIDER * (p99.high_s - p99.value_s)
    name = f"{replayed.deployment}: {metric.upper()} p99 is no better than the replay's lower limit"
    return Finding(name, stated_s, least_s, "s", stated_s >= least_s)
