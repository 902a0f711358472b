"""The best plans of another kind, and what each loses."""

from recommender.plan import Plan, RunnerUp
from recommender.report import quantities as q
from recommender.report.asked import primary_name
from recommender.report.blocks import Block, Cell, Column, Paragraph, Section, Table

NOT_SIMULATED = (
    "p99s here are closed forms, and so are the rates of what was not simulated for the plan: the "
    "command for a runner-up may come to some percent more or less, and at equal cost to one that "
    "is faster when simulated."
)


def runners_up(plan: Plan) -> Section | None:
    """One row per restriction; a dash where no plan exists under it."""
    if not plan.runners_up:
        return None
    columns = (
        Column("best plan"),
        Column("is"),
        Column("cost", numeric=True),
        Column(primary_name(plan), numeric=True),
        Column("nameplate", numeric=True),
    )
    table = Table(columns, tuple(_row(runner) for runner in plan.runners_up))
    blocks: list[Block] = [table]
    if any(d.rate_basis == "simulated" for d in plan.deployments):
        blocks.append(Paragraph(NOT_SIMULATED))
    return Section("runners-up", "Runners-up and what they lose", tuple(blocks))


def _row(runner: RunnerUp) -> tuple[Cell, ...]:
    cost = q.dollars_per_hour(runner.cost_usd_per_h)
    if runner.cost_pct is not None:
        cost = f"{cost} ({q.change(runner.cost_pct)})"
    what = "; ".join(text for text in (runner.description, runner.reason) if text)
    return (
        Cell(runner.restriction),
        Cell(what),
        Cell(cost, runner.cost_usd_per_h),
        Cell(q.duration(runner.p99_s), runner.p99_s),
        Cell(q.power(runner.power_w), runner.power_w),
    )
