"""A plan over the day: what runs in each period, and totals that speak for the whole of it.

    plan of a period   assembled like any plan, at the rate of the period
    per month          mean cost * 730 h,  mean power * 730 h
    per million tokens at the mean rate      mean cost / (mean rate * mean output * 3600) * 10^6

Deployments, nodes and the other totals of the plan are those of its busiest period. Committed nodes
serve in every period, each replica at the same share of its rate; without demand they idle.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recommender.assembly.assemble import Assembled, assemble
from recommender.assembly.nodes import nodes_of
from recommender.assembly.totals import NOT_INCLUDED
from recommender.decision.day import Day, Fleet, new_in
from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.enumeration.replica_table import ReplicaTable
from recommender.performance.planned_power import idle_power_w
from recommender.plan import NodePurchase, PeriodPlan, Totals
from recommender.request.profile import MINUTES_PER_DAY
from recommender.request.request import Request
from recommender.sizing import cost, power
from recommender.units import HOURS_PER_MONTH

START_UP = "nodes starting up before a period"


@dataclass(frozen=True, slots=True)
class OfBlock:
    """One fleet of the day; `parts` is None where there is nothing to serve."""

    parts: Assembled | None
    nodes: tuple[NodePurchase, ...]
    usd_per_h: float
    power_w: float


def over_day(
    study: Study, decision: Decision, peak: Assembled, *, simulate: bool
) -> tuple[tuple[PeriodPlan, ...], Totals]:
    """The periods in order, and the totals of the peak with those of the day.

    Without periods there are none, and the totals are those given.
    """
    day, fleets, request = decision.day, decision.fleets, study.request
    if day is None:
        return (), peak.totals
    blocks = []
    for position, (block, fleet) in enumerate(zip(day.blocks, fleets, strict=True)):
        parts: Assembled | None = None
        if position == day.peak:
            parts = peak
        elif block.demand_per_s > 0:
            at = request_at(request, day.requests_per_s[position])
            parts = assemble(at, study.table, study.rates, fleet, simulate=simulate)
        blocks.append(of_block(request, study.table, fleet, parts))
    return periods_of(request, day, fleets, blocks)


def periods_of(
    request: Request, day: Day, fleets: Sequence[Fleet], blocks: Sequence[OfBlock]
) -> tuple[tuple[PeriodPlan, ...], Totals]:
    """The periods in order, and the totals of the peak with those of the day."""
    peak = blocks[day.peak].parts
    assert peak is not None  # there is demand
    periods = tuple(_period(day, fleets, number, blocks) for number in range(len(day.periods)))
    return periods, _totals(request, peak.totals, day, fleets, blocks)


def request_at(request: Request, requests_per_s: float) -> Request:
    """The same request at another rate, without periods."""
    changes = {"qps": requests_per_s, "profile": None, "start_up": None}
    spec = request.spec.model_copy(update=changes)
    return replace(request, spec=spec, workload=request.workload.of_period(requests_per_s))


def of_block(
    request: Request, table: ReplicaTable, fleet: Fleet, parts: Assembled | None
) -> OfBlock:
    """A fleet with what it serves; without demand what it costs and draws."""
    usd_per_h = sum(group.usd_per_h * count for group, count in fleet)
    if parts is not None:
        return OfBlock(parts, parts.nodes, usd_per_h, parts.totals.power_w)
    return OfBlock(None, nodes_of(request, fleet), usd_per_h, idle_w(table, fleet))


def idle_w(table: ReplicaTable, fleet: Fleet) -> float:
    """What a fleet draws that serves nothing, filled or not; nameplate where unknown [W]."""
    watts = 0.0
    for group, count in fleet:
        inside = int(next(iter(group.replicas)))
        idle = idle_power_w(
            hardware=table.hardware[table.hardware_index[inside]], accelerators=group.accelerators
        )
        watts += count * min(group.nameplate_w if idle is None else idle, group.nameplate_w)
    return watts


def _period(
    day: Day, fleets: Sequence[Fleet], number: int, blocks: Sequence[OfBlock]
) -> PeriodPlan:
    position, period = day.block_of[number], day.periods[number]
    block, parts = blocks[position], blocks[position].parts
    before = fleets[day.block_of[number - 1]]
    # A price at a mean rate is one of the day, not of a period.
    totals = None if parts is None else replace(parts.totals, usd_per_million_output_tokens=None)
    return PeriodPlan(
        from_h=period.from_h,
        to_h=period.to_h,
        requests_per_s=day.requests_per_s[position],
        nodes=block.nodes,
        cost_usd_per_h=block.usd_per_h,
        p99_s=None if totals is None else totals.p99_s,
        degraded_p99_s=None if totals is None else totals.degraded_p99_s,
        power_w=block.power_w,
        started_nodes=sum(g.nodes * n for g, n in new_in(fleets[position], before)),
        deployments=() if parts is None else parts.deployments,
        placements=() if parts is None else parts.placements,
        totals=totals,
    )


def _totals(
    request: Request,
    peak: Totals,
    day: Day,
    fleets: Sequence[Fleet],
    blocks: Sequence[OfBlock],
) -> Totals:
    mean_usd_per_h = day.mean_cost_usd_per_h(fleets)
    minutes = [block.minutes for block in day.blocks]
    mean_w = sum(m * b.power_w for m, b in zip(minutes, blocks, strict=True)) / MINUTES_PER_DAY
    requests = sum(m * rate for m, rate in zip(minutes, day.requests_per_s, strict=True))
    tokens_per_s = requests / MINUTES_PER_DAY * request.workload.lengths.mean_output
    return replace(
        peak,
        mean_cost_usd_per_h=mean_usd_per_h,
        start_up_usd_per_h=day.start_up_usd_per_h(fleets),
        cost_usd_per_month=cost.cost_per_month_usd(usd_per_h=mean_usd_per_h),
        cost_over_horizon_usd=cost.cost_over_usd(usd_per_h=mean_usd_per_h, hours=peak.horizon_h),
        usd_per_million_output_tokens=cost.usd_per_million_tokens(
            usd_per_h=mean_usd_per_h, tokens_per_s=tokens_per_s
        ),
        energy_kwh_per_month=power.energy_kwh(power_w=mean_w, hours=HOURS_PER_MONTH),
        joules_per_output_token=mean_w / tokens_per_s,
        carbon_kg_per_month=_mean_carbon(day, blocks),
        cost_not_included=NOT_INCLUDED if day.start_up_min else (*NOT_INCLUDED, START_UP),
    )


def _mean_carbon(day: Day, blocks: Sequence[OfBlock]) -> float | None:
    """Emissions of a month; None where those of a block are not known, as of nodes that idle."""
    total = 0.0
    for block, found in zip(day.blocks, blocks, strict=True):
        of_block = 0.0 if not found.nodes else None
        if found.parts is not None:
            of_block = found.parts.totals.carbon_kg_per_month
        if of_block is None:
            return None
        total += block.minutes * of_block
    return total / MINUTES_PER_DAY
