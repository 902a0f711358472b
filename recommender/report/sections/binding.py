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
        goal = _goal(minimised)
        name = "" if goal in ("", minimised) else f"{goal} "
        unit = f" {UNITS[goal]}" if goal in UNITS else ""
        reached = f"{name}{plan.objective:,.6g}{unit}, bound {plan.bound:,.6g}{unit}{gap}"
        lines.append(f"minimised {minimised}: {reached} ({plan.solver})")
    if not lines:
        return None
    title = "Why it won" if plan.totals is not None else "What stops it"
    return Section("why", title, (Items(tuple(lines)),))


def _goal(minimised: str) -> str:
    """What the objective is of; nothing where a plan file holds goals that are none."""
    try:
        return last_minimised(goals_of(minimised))
    except ValueError:
        return ""
