"""The audit: every promise of a plan, re-derived by arithmetic of its own.

It reads the plan, the spec and the catalogue. It imports neither the program, nor the
enumeration, nor the sizing formulas, nor the closed forms of queueing: an error there must not
find itself confirmed here. Latency is replayed by the simulator with seeds of its own.
"""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit import (
    asked,
    between_nodes,
    classes,
    datasheet,
    degraded,
    demand,
    hand_over,
    latency,
    limits,
    memory,
    models,
    money,
    nodes,
    objective,
    periods,
    planned_power,
    pools,
    pools_latency,
    power,
    proof,
    racks,
    shape,
    shared,
    sites,
    survival,
)
from recommender.plan import Finding, Plan
from recommender.request.chosen_workload import chosen_workload
from recommender.request.spec import Spec


def audit(plan: Plan, spec: Spec, catalog: Catalog, *, replay: bool) -> tuple[Finding, ...]:
    """All findings; `holds` is False where a promise is broken.

    Parameters
    ----------
    replay
        Whether to simulate the deployments at the rate they carry (seconds instead of
        milliseconds); without it latency is checked against lower bounds only.
    """
    return tuple(_findings(plan, spec, catalog, replay=replay))


def _findings(plan: Plan, spec: Spec, catalog: Catalog, *, replay: bool) -> Iterator[Finding]:
    workload = chosen_workload(spec, catalog)
    lengths = workload.lengths
    yield from asked.findings(plan, spec, catalog)
    yield from shape.findings(plan, catalog)
    yield from shared.findings(plan, catalog)
    yield from memory.findings(plan, spec, catalog)
    yield from pools.findings(plan, spec, catalog, workload)
    if plan.pools is None:
        yield from demand.findings(plan, spec)
        yield from survival.findings(plan, spec)
        yield from classes.findings(plan, spec, catalog)
        yield from datasheet.findings(plan, spec, catalog, lengths)
        yield from latency.findings(plan, spec, workload, replay=replay)
        yield from racks.findings(plan, spec, catalog)
        yield from degraded.findings(plan, spec, catalog, workload, replay=replay)
    else:
        yield from pools_latency.findings(plan, spec, workload, replay=replay)
    at_once = periods.over_day(spec) if plan.periods else spec
    yield from sites.findings(plan, at_once, catalog)
    yield from nodes.findings(plan, spec, catalog, lengths)
    yield from between_nodes.findings(plan, spec, catalog, lengths)
    yield from money.findings(plan, spec, catalog, workload)
    yield from power.findings(plan, catalog)
    yield from planned_power.findings(plan, catalog, lengths)
    yield from objective.findings(plan, at_once, catalog)
    yield from proof.findings(plan, spec)
    yield from limits.findings(plan, at_once, catalog)
    yield from models.findings(plan, spec, catalog)
    yield from hand_over.findings(plan, spec, catalog)
    yield from periods.findings(
        plan,
        spec,
        catalog,
        lambda part, at, again: _part(part, at, catalog, replay=again),
        burstiness=workload.burstiness,
        replay=replay,
    )


def _part(plan: Plan, spec: Spec, catalog: Catalog, *, replay: bool) -> Iterator[Finding]:
    """A period of a plan, or only a replay of its deployments."""
    if not replay:
        yield from _findings(plan, spec, catalog, replay=False)
    elif plan.pools is not None:
        workload = chosen_workload(spec, catalog)
        yield from pools_latency.findings(plan, spec, workload, replay=True)
    else:
        yield from latency.findings(plan, spec, chosen_workload(spec, catalog), replay=True)
