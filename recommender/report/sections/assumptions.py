"""Assumptions: every default that was taken, and the flag that changes it."""

from recommender.plan import Plan
from recommender.report.blocks import Cell, Column, Section, Table


def assumptions(plan: Plan) -> Section | None:
    """One row per assumption; its effect where it moves the answer much."""
    if not plan.assumptions:
        return None
    columns = (Column("assumed"), Column("value"), Column("change it with"))
    rows = tuple(
        (Cell(a.name), Cell(f"{a.value} ({a.effect})" if a.effect else a.value), Cell(a.flag))
        for a in plan.assumptions
    )
    return Section("assumptions", "Assumptions", (Table(columns, rows),))
