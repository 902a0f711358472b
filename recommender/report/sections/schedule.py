"""The schedule: which nodes run when, what a period costs and promises, what that saves."""

from dataclasses import replace

from recommender.plan import PeriodPlan, Plan, Totals
from recommender.report import quantities as q
from recommender.report.asked import primary_name
from recommender.report.blocks import Cell, Column, Items, Section, Table
from recommender.report.sections.headline import node_name

COMMITTED_TERMS = ("owned", "reserved_1yr", "reserved_3yr")
"""Paid around the clock, as in `catalog.row`: that needs pydantic, which reports do without."""
HOURS = 24


def schedule(plan: Plan) -> Section | None:
    """One row per period, the busiest marked; none for a plan of one rate."""
    if not plan.periods or plan.totals is None:
        return None
    p99 = primary_name(plan)
    survives = any(period.degraded_p99_s is not None for period in plan.periods)
    columns = [
        Column("hours", numeric=True),
        Column("rate", numeric=True),
        Column("nodes"),
        Column("started", numeric=True),
        Column("cost", numeric=True),
        Column(p99, numeric=True),
    ]
    if survives:
        columns.append(Column("worst loss", numeric=True))
    rows = tuple(_row(plan, period, survives=survives) for period in plan.periods)
    busiest = max(period.requests_per_s for period in plan.periods)
    marked = frozenset(
        i for i, period in enumerate(plan.periods) if period.requests_per_s == busiest
    )
    blocks = (Table(tuple(columns), rows, marked), Items(_sentences(plan, plan.totals)))
    return Section("schedule", "Schedule", blocks, "good")


def hours(period: PeriodPlan) -> str:
    """`8-20 h`, `8:30-20 h`."""
    return f"{_clock(period.from_h)}-{_clock(period.to_h)} h"


def _clock(hour: float) -> str:
    if not 0 <= hour <= HOURS:
        return f"{hour:.3g}"
    whole, minutes = divmod(round(60 * hour), 60)
    return f"{whole}:{minutes:02d}" if minutes else str(whole)


def _row(plan: Plan, period: PeriodPlan, *, survives: bool) -> tuple[Cell, ...]:
    cells = (
        Cell(hours(period), period.from_h),
        Cell(q.rate(period.requests_per_s), period.requests_per_s),
        Cell(_nodes(plan, period)),
        Cell(q.count(period.started_nodes), period.started_nodes),
        Cell(q.dollars_per_hour(period.cost_usd_per_h), period.cost_usd_per_h),
        Cell(q.duration(period.p99_s), period.p99_s),
    )
    lost = Cell(q.duration(period.degraded_p99_s), period.degraded_p99_s)
    return (*cells, lost) if survives else cells


def _nodes(plan: Plan, period: PeriodPlan) -> str:
    """`4 x 8xH100 80GB SXM5 at us, owned + 2 x ...`."""
    known = replace(plan, deployments=(*period.deployments, *plan.deployments))
    parts = [f"{q.count(node.nodes)} x {node_name(known, node)}" for node in period.nodes]
    return " + ".join(parts) or "none"


def _sentences(plan: Plan, totals: Totals) -> tuple[str, ...]:
    mean, peak = totals.mean_cost_usd_per_h or 0.0, totals.cost_usd_per_h
    lines = []
    if 0 < mean < peak:
        lines.append(
            f"on average {q.dollars_per_hour(mean)}; the nodes of the busiest period around the "
            f"clock would cost {q.dollars_per_hour(peak)}: the schedule saves "
            f"{q.share(1 - mean / peak)}"
        )
    if totals.start_up_usd_per_h:
        lines.append(
            f"of it {q.dollars_per_hour(totals.start_up_usd_per_h)} for nodes that run before the "
            "period that they are started for (--start-up)"
        )
    else:
        lines.append("nodes are up when their period begins; --start-up prices the time before it")
    if any(n.terms in COMMITTED_TERMS for period in plan.periods for n in period.nodes):
        lines.append("owned and reserved nodes are paid around the clock, and serve in each period")
    lines.append(
        "the plan and the totals below are those of the busiest period, unless they say otherwise"
    )
    return tuple(lines)
