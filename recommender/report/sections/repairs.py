"""Repairs: changes of the request that make it feasible, each with a plan that shows it."""

from recommender.plan import Plan
from recommender.report.blocks import Cell, Column, Section, Table


def repairs(plan: Plan) -> Section | None:
    """One row per change."""
    if not plan.repairs:
        return None
    columns = (Column("change"), Column("to"), Column("then this meets it"))
    rows = tuple((Cell(r.change), Cell(r.value), Cell(r.witness)) for r in plan.repairs)
    return Section("repairs", "What would make it possible", (Table(columns, rows),), "good")
