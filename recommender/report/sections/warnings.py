"""Warnings: what could make the answer wrong in practice."""

from recommender.plan import Plan
from recommender.report.blocks import Items, Section


def warnings(plan: Plan) -> Section | None:
    """All warnings, last in the report, where a terminal stops scrolling."""
    if not plan.warnings:
        return None
    return Section("warnings", "Warnings", (Items(plan.warnings),), "warning")
