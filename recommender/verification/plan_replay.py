"""From a saved plan and what the user asks to a verification: reads spec, catalogue and trace."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from catalog import Catalog
from recommender.errors import SpecError
from recommender.plan import Finding, Plan
from recommender.queueing.policy import KvPolicy
from recommender.request.request import resolve
from recommender.request.spec import Spec
from recommender.verification.fail_at import failure_at
from recommender.verification.outage import replay_outage
from recommender.verification.pools import verify_pools
from recommender.verification.prefix_hits import PrefixCache, with_hits
from recommender.verification.sources import FromLaw, FromTrace, Source
from recommender.verification.verification import Verification
from recommender.verification.verify import Replay, verify


def verify_plan(
    plan: Plan,
    *,
    trace_file: Path | None = None,
    failures: int = 0,
    hours: float = 0.0,
    fail_at: str | None = None,
    prefix_cache: PrefixCache | None = None,
    kv: KvPolicy = "reserve",
    progress: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Replay a plan as its own spec describes the workload, or with a trace.

    With `fail_at` (`10min:30min`, see `failure_at`) the nodes fail during the replay; without it
    they are down all the time. `prefix_cache` says what a cache finds in a trace, `kv` whether
    requests reserve their whole length, as plans are sized, or take KV as they need it. Raises
    SpecError for a plan without deployments or without step laws, and TraceError.
    """
    import catalog

    _check_replayable(plan)
    spec = _spec_of(plan)
    facts = catalog.load([Path(name) for name in spec.catalog])
    source: Source
    if trace_file is not None:
        progress("reading the trace")
        replayed, arrivals = _from_trace(trace_file, spec.qps, spec.prefix_hit, prefix_cache)
        source = replace(replayed, kv=kv)
    elif prefix_cache is not None:
        raise SpecError("--prefix-cache needs --trace: the workload's own hits are the plan's")
    else:
        workload = resolve(spec, facts).workload
        source = FromLaw(workload, kv)
        arrivals = f"{workload.name} with burstiness {workload.burstiness:g}"
    asked = Replay(
        demand_requests_per_s=spec.qps,
        failures=failures,
        hours=hours,
        source=source,
        arrivals=arrivals,
    )
    if plan.pools is not None and fail_at is not None:
        raise SpecError("--fail-at does not replay pools; --failures does, with the nodes down")
    if plan.pools is not None:
        found = verify_pools(plan, asked, progress=progress)
    elif fail_at is None:
        found = verify(plan, asked, progress=progress)
    else:
        found = _with_failure(plan, asked, fail_at, progress)
    progress("checking the plan's own arithmetic")
    return replace(found, changed=_changed(plan, spec, facts))


def _with_failure(
    plan: Plan, asked: Replay, fail_at: str, progress: Callable[[str], None]
) -> Verification:
    source = asked.source
    peak_s = source.arrivals.peak_start_s if isinstance(source, FromTrace) else None
    failure = failure_at(fail_at, failures=asked.failures, hours=asked.hours, peak_s=peak_s)
    outage = replay_outage(
        plan, failure, source, demand=asked.demand_requests_per_s, progress=progress
    )
    return Verification(
        demand_requests_per_s=asked.demand_requests_per_s,
        arrivals=asked.arrivals,
        lost=outage.lost,
        replays=(),
        outage=outage,
    )


def _from_trace(
    path: Path, qps: float, prefix_hit: float, prefix_cache: PrefixCache | None
) -> tuple[FromTrace, str]:
    from recommender.traces.read import read_trace
    from recommender.traces.superpose import superpose

    trace, hits = with_hits(read_trace(path), prefix_hit=prefix_hit, asked=prefix_cache)
    arrivals = superpose(trace, requests_per_s=qps)
    words = (
        f"{path.name} x {arrivals.shift_s.size} copies, {arrivals.keep:.0%} of the requests kept, "
        f"{arrivals.mean_requests_per_s:,.0f} requests/s on average{hits}"
    )
    return FromTrace(arrivals), words


def _check_replayable(plan: Plan) -> None:
    if not plan.deployments or not plan.placements:
        raise SpecError(f"the plan has status {plan.status} and nothing to replay")
    for d in plan.deployments:
        if not d.step_law:
            raise SpecError(f"deployment {d.name} has no step law; solve its spec again")


def _spec_of(plan: Plan) -> Spec:
    from recommender.request.spec_file import make_spec

    return make_spec({key: value for key, value in plan.spec.items() if value is not None})


def _changed(plan: Plan, spec: Spec, facts: Catalog) -> tuple[Finding, ...]:
    """Promises that the audit's arithmetic does not confirm (latency is the replay's business)."""
    from recommender.audit import audit

    findings = audit(plan, spec, facts, replay=False)
    return tuple(finding for finding in findings if not finding.holds)
