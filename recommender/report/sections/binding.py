"""Why this plan won: what binds, and how close the bound is."""

from recommender.plan import Plan
from recommender.report import quantities as q
from recommender.report.blocks import Items, Section
from recommender.request.goals import goals_of, last_minimised

UNITS = {
    "cost": "$/h",
    "power": "W",
    "energy": "W of planned power",
    "carbon": "g CO2e/h",
    "accelerators": "accelerators",
    "nodes": "nodes",
}
"""Of the objective, by what is minimised."""


def binding(plan: Plan) -> Section | None:
    """One sentence per binding row or limit; then the proof."""
    lines = list(plan.binding)
    if plan.totals is not None and plan.objective is not None and plan.bound is not None:
        gap = "" if plan.gap is None else f", gap {q.share(plan.gap)}"
        minimised = str(plan.spec.get("minimize", "cost"))
        unit = _unit(minimised)
        reached = f"{plan.objective:,.6g}{unit}, bound {plan.bound:,.6g}{unit}{gap}"
        lines.append(f"minimised {minimised}: {reached} ({plan.solver})")
    if not lines:
        return None
    title = "Why it won" if plan.totals is not None else "What stops it"
    return Section("why", title, (Items(tuple(lines)),))


def _unit(minimised: str) -> str:
    """Of the objective; nothing where a plan file holds goals that are none."""
    try:
        return f" {UNITS[last_minimised(goals_of(minimised))]}"
    except (KeyError, ValueError):
        return ""
