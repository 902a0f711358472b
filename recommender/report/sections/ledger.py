"""Margin ledger: every margin once, with what it costs."""

from recommender.plan import LedgerLine, Plan
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Section, Table


def ledger(plan: Plan) -> Section | None:
    """One row per margin; the price is the plan's cost less the cost without the margin."""
    if not plan.ledger:
        return None
    columns = (
        Column("margin"),
        Column("value"),
        Column("its price", numeric=True),
        Column("cost without", numeric=True),
    )
    rows = tuple(_row(line) for line in plan.ledger)
    return Section("ledger", "Margins and their price", (Table(columns, rows),))


def _row(line: LedgerLine) -> tuple[Cell, ...]:
    value = f"{line.value}; {line.note}" if line.note else line.value
    price = q.dollars_per_hour(line.price_usd_per_h)
    if line.price_pct:
        price = f"{price} ({q.percent(line.price_pct)})"
    return (
        Cell(line.margin),
        Cell(value),
        Cell(price, line.price_usd_per_h),
        Cell(q.dollars_per_hour(line.cost_without_usd_per_h), line.cost_without_usd_per_h),
    )
