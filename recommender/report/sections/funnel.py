"""Rejection funnel: how many deployments were considered, and why the others were left out."""

from recommender.plan import Plan
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table


def funnel(plan: Plan) -> Section | None:
    """Reasons by how many they rejected, each with its nearest miss."""
    if plan.funnel is None:
        return None
    considered, kept = plan.funnel.considered, plan.funnel.candidates
    summary = (
        f"{q.count(considered)} deployments considered, {q.count(kept)} could serve the request."
    )
    if not plan.funnel.rejected:
        return Section("funnel", "What was left out", (Paragraph(summary),))
    columns = (Column("left out for"), Column("how many", numeric=True), Column("nearest miss"))
    reasons = sorted(plan.funnel.rejected.items(), key=lambda item: -item[1])
    rows = tuple(
        (Cell(reason), Cell(q.count(n), n), Cell(plan.funnel.examples.get(reason, "")))
        for reason, n in reasons
    )
    return Section("funnel", "What was left out", (Paragraph(summary), Table(columns, rows)))
