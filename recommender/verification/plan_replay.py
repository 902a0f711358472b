"""From a saved plan and what the user asks to a verification: reads spec, catalogue and trace."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from catalog import Catalog
from recommender.errors import SpecError
from recommender.plan import Finding, Plan
from recommender.request.request import resolve
from recommender.request.spec import Spec
from recommender.verification.sources import FromLaw, FromTrace, Source
from recommender.verification.verification import Verification
from recommender.verification.verify import Replay, verify


def verify_plan(
    plan: Plan,
    *,
    trace_file: Path | None = None,
    failures: int = 0,
    hours: float = 0.0,
    progress: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Replay a plan as its own spec describes the workload, or with a trace.

    Raises SpecError for a plan without deployments or without step laws, and TraceError.
    """
    import catalog

    _check_replayable(plan)
    spec = _spec_of(plan)
    facts = catalog.load([Path(name) for name in spec.catalog])
    if trace_file is not None:
        progress("reading the trace")
        source, arrivals = _from_trace(trace_file, spec.qps)
    else:
        workload = resolve(spec, facts).workload
        source = FromLaw(workload)
        arrivals = f"{workload.name} with burstiness {workload.burstiness:g}"
    asked = Replay(
        demand_requests_per_s=spec.qps,
        failures=failures,
        hours=hours,
        source=source,
        arrivals=arrivals,
    )
    found = verify(plan, asked, progress=progress)
    progress("checking the plan's own arithmetic")
    return replace(found, changed=_changed(plan, spec, facts))


def _from_trace(path: Path, qps: float) -> tuple[Source, str]:
    from recommender.traces.read import read_trace
    from recommender.traces.superpose import superpose

    arrivals = superpose(read_trace(path), requests_per_s=qps)
    words = (
        f"{path.name} x {arrivals.shift_s.size} copies, {arrivals.keep:.0%} of the requests kept, "
        f"{arrivals.mean_requests_per_s:,.0f} requests/s on average"
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
