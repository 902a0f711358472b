"""From a saved plan and what the user asks to a verification: reads spec, catalogue and trace."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from catalog import Catalog
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.queueing.policy import KvPolicy
from recommender.request.request import resolve
from recommender.request.spec import Spec
from recommender.verification.busiest import at_busiest
from recommender.verification.changed import changed
from recommender.verification.fail_at import failure_at
from recommender.verification.outage import replay_outage
from recommender.verification.plan_files import spec_and_catalog
from recommender.verification.pools import verify_pools
from recommender.verification.pools_outage import replay_pools_outage
from recommender.verification.prefix_hits import PrefixCache, with_hits
from recommender.verification.replayable import check_known, check_replayable
from recommender.verification.sized_again import recompute_laws
from recommender.verification.sources import FromLaw, FromTrace, Source
from recommender.verification.verification import Outage, Verification
from recommender.verification.verify import Replay, verify


def verify_plan(
    plan: Plan,
    *,
    folder: Path | None = None,
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
    requests reserve their whole length, as plans are sized, or take KV as they need it. `folder`
    is where the plan lies: files that it names are looked for there, then in the working folder.
    Raises SpecError for a plan without deployments or without step laws, and TraceError.
    """
    import catalog

    check_replayable(plan)
    spec, facts = spec_and_catalog(plan, folder, catalog.load)
    check_known(plan, spec, facts)
    if kv == "preempt":
        _check_one_token_a_step(plan)
    source, arrivals = _source(spec, facts, trace_file, prefix_cache, kv, progress)
    asked = Replay(
        demand_requests_per_s=spec.qps,
        failures=failures,
        hours=hours,
        source=source,
        arrivals=arrivals,
        busiest=at_busiest(source) if isinstance(source, FromTrace) else None,
        promises_busiest=spec.slo_over == "peak",
        recompute=recompute_laws(plan, resolve(spec, facts)) if kv == "preempt" else {},
    )
    found = _replayed(plan, asked, fail_at, progress)
    if isinstance(source, FromTrace):
        found = replace(found, repairs=source.arrivals.trace.repairs)
    progress("checking the plan's own arithmetic")
    as_planned = trace_file is None and not failures and kv == "reserve"
    return replace(found, changed=changed(plan, spec, facts, found, as_planned=as_planned))


def _source(
    spec: Spec,
    facts: Catalog,
    trace_file: Path | None,
    prefix_cache: PrefixCache | None,
    kv: KvPolicy,
    progress: Callable[[str], None],
) -> tuple[Source, str]:
    if trace_file is not None:
        progress("reading the trace")
        source, arrivals = _from_trace(
            trace_file, spec.qps, spec.prefix_hit, prefix_cache, progress
        )
        return replace(source, kv=kv), arrivals
    if prefix_cache is not None:
        raise SpecError("--prefix-cache needs --trace: the workload's own hits are the plan's")
    workload = resolve(spec, facts).workload
    words = f"{workload.name} with burstiness {workload.burstiness:.3g}"
    if workload.rate_profile is not None:
        words += (
            f", over the trace's rates ({workload.rate_profile.mean:.0%} of the peak on average)"
        )
    return FromLaw(workload, kv), words


def _replayed(
    plan: Plan, asked: Replay, fail_at: str | None, progress: Callable[[str], None]
) -> Verification:
    if fail_at is not None:
        return _with_failure(plan, asked, fail_at, progress)
    if plan.pools is not None:
        return verify_pools(plan, asked, progress=progress)
    return verify(plan, asked, progress=progress)


def _check_one_token_a_step(plan: Plan) -> None:
    for d in plan.deployments:
        if d.step_law.get("tokens_per_step", 1.0) != 1.0:
            raise SpecError(
                f"--kv preempt replays engines that gain one token a step, and {d.name} drafts: "
                "replay with --kv reserve, as the plan is sized"
            )


def _with_failure(
    plan: Plan, asked: Replay, fail_at: str, progress: Callable[[str], None]
) -> Verification:
    source = asked.source
    peak_s = source.arrivals.peak_start_s if isinstance(source, FromTrace) else None
    failure = failure_at(fail_at, failures=asked.failures, hours=asked.hours, peak_s=peak_s)
    demand = asked.demand_requests_per_s
    outages: tuple[Outage, ...]
    if plan.pools is None:
        outages = (replay_outage(plan, failure, source, demand=demand, progress=progress),)
    else:
        outages = replay_pools_outage(
            plan, failure, source, demand=demand, recompute=asked.recompute, progress=progress
        )
    lost = (f"{outage.what}: {one}".lstrip(": ") for outage in outages for one in outage.lost)
    return Verification(
        demand_requests_per_s=demand,
        arrivals=asked.arrivals,
        lost=tuple(lost),
        replays=(),
        outages=outages,
    )


def _from_trace(
    path: Path,
    qps: float,
    prefix_hit: float,
    prefix_cache: PrefixCache | None,
    progress: Callable[[str], None],
) -> tuple[FromTrace, str]:
    from recommender.traces.read import read_trace
    from recommender.traces.superpose import superpose
    from recommender.traces.workload_file import is_workload_file

    if is_workload_file(path):
        raise SpecError(f"{path} is a workload file, without arrivals: replay the trace itself")
    trace, hits = with_hits(
        read_trace(path, progress=progress), prefix_hit=prefix_hit, asked=prefix_cache
    )
    arrivals = superpose(trace, requests_per_s=qps)
    copies = arrivals.shift_s.size
    words = (
        f"{path.name} x {copies} {'copy' if copies == 1 else 'copies'}, "
        f"{100 * arrivals.keep:.3g}% of the requests kept, "
        f"{_rate(arrivals.mean_requests_per_s)} requests/s on average over all of it{hits}"
    )
    return FromTrace(arrivals), words


def _rate(requests_per_s: float) -> str:
    """`0.35`, `2.57`, `1,532`."""
    return f"{requests_per_s:,.0f}" if requests_per_s >= 100 else f"{requests_per_s:.3g}"
