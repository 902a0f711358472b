"""Why this plan won: what binds, and how close the bound is."""

from recommender.plan import Plan
from recommender.report import quantities as q
from recommender.report.blocks import Items, Section


def binding(plan: Plan) -> Section | None:
    """One sentence per binding row or limit; then the proof."""
    lines = list(plan.binding)
    if plan.totals is not None and plan.objective is not None and plan.bound is not None:
        gap = "" if plan.gap is None else f", gap {q.share(plan.gap)}"
        minimised = str(plan.spec.get("minimize", "cost"))
        reached = f"{plan.objective:,.6g}, bound {plan.bound:,.6g}{gap}"
        lines.append(f"minimised {minimised}: {reached} ({plan.solver})")
    if not lines:
        return None
    title = "Why it won" if plan.totals is not None else "What stops it"
    return Section("why", title, (Items(tuple(lines)),))
