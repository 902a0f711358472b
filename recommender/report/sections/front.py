"""The Pareto front: plans of which none is better on every axis."""

from recommender.horizon import span_words
from recommender.plan import FrontPoint, Plan
from recommender.report import quantities as q
from recommender.report.asked import primary_name
from recommender.report.blocks import Cell, Column, FrontPlot, Paragraph, Section, Table

MOST_ROWS = 14
"""Points in the table of a report; `recommend front` and the JSON have all."""


def front(plan: Plan, *, most_rows: int = MOST_ROWS) -> Section | None:
    """A table ordered by cost, then the plot."""
    if not plan.front:
        return None
    points = sorted(plan.front, key=lambda p: (p.cost_usd_per_h, p.p99_s, p.power_w))
    shown = thinned(points, most_rows)
    horizon_h = None if plan.totals is None else plan.totals.horizon_h
    table = front_table(shown, primary_name(plan), horizon_h=horizon_h)
    blocks: list[Paragraph | Table | FrontPlot] = [table]
    if len(shown) < len(points):
        text = f"{len(shown)} of {len(points)} points; all of them: recommend front, or --json."
        blocks.append(Paragraph(text))
    if not all(p.simulated for p in shown):
        blocks.append(Paragraph("~ is a closed form, not simulated."))
    if len(points) > 1:
        blocks.append(FrontPlot(tuple(points), primary_name(plan)))
    return Section("front", "Pareto front: cost, p99, nameplate power", tuple(blocks))


def thinned(points: list[FrontPoint], most: int) -> list[FrontPoint]:
    """At most that many points, evenly over the list, with both ends and every chosen one."""
    if len(points) <= most:
        return points
    chosen = {i for i, p in enumerate(points) if p.chosen}
    free = max(2, most - len(chosen))
    even = {round(i * (len(points) - 1) / (free - 1)) for i in range(free)}
    return [points[i] for i in sorted(even | chosen)]


def front_table(
    points: list[FrontPoint], p99_name: str, *, horizon_h: float | None = None
) -> Table:
    """One row per point, the chosen one marked; with a horizon what it costs over these hours."""
    over = [] if horizon_h is None else [Column(f"over {span_words(horizon_h)}", numeric=True)]
    rated = any(p.quality is not None for p in points)
    columns = (
        Column(""),
        Column("$/h", numeric=True),
        *over,
        Column(p99_name, numeric=True),
        Column("nameplate", numeric=True),
        Column("quality" if rated else "loss", numeric=True),
        Column("plan"),
    )
    rows = tuple(
        (
            Cell("*" if p.chosen else ""),
            Cell(q.dollars(p.cost_usd_per_h), p.cost_usd_per_h),
            *_over(p.cost_usd_per_h, horizon_h),
            Cell(q.duration(p.p99_s) if p.simulated else f"~{q.duration(p.p99_s)}", p.p99_s),
            Cell(q.power(p.power_w), p.power_w),
            Cell(
                q.percent(p.quality_loss_pct) if p.quality is None else q.significant(p.quality),
                p.quality_loss_pct,
            ),
            Cell(p.plan),
        )
        for p in points
    )
    return Table(columns, rows, frozenset(i for i, p in enumerate(points) if p.chosen))


def _over(usd_per_h: float, horizon_h: float | None) -> list[Cell]:
    """Fronts are of one rate, so that the hour is the mean hour."""
    if horizon_h is None:
        return []
    return [Cell(q.dollars(usd_per_h * horizon_h), usd_per_h * horizon_h)]
