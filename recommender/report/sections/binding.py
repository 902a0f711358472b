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
MILLION = 999_999.5
"""From here on six digits would be written with an exponent."""


def binding(plan: Plan) -> Section | None:
    """One sentence per binding row or limit; then the proof."""
    lines = list(plan.binding)
    if plan.totals is not None and plan.objective is not None and plan.bound is not None:
        gap = "" if plan.gap is None else f", gap {q.share(plan.gap)}"
        minimised = str(plan.spec.get("minimize", "cost"))
        goal = _goal(minimised)
        name = "" if goal in ("", minimised) else f"{goal} "
        unit = f" {UNITS[goal]}" if goal in UNITS else ""
        bound = _figure(plan.bound)
        reached = f"{name}{_figure(plan.objective)}{unit}, bound {bound}{unit}{gap}"
        lines.append(f"minimised {minimised}: {reached} ({plan.solver})")
    if not lines:
        return None
    title = "Why it won" if plan.totals is not None else "What stops it"
    return Section("why", title, (Items(tuple(lines)),))


def _figure(value: float) -> str:
    """`53.4483`, `48,384`, `1,061,088`: six digits, and never less than the whole part."""
    return f"{value:,.0f}" if MILLION <= abs(value) < q.MOST else f"{value:,.6g}"


def _goal(minimised: str) -> str:
    """What the objective is of; nothing where a plan file holds goals that are none."""
    try:
        return last_minimised(goals_of(minimised))
    except ValueError:
        return ""
