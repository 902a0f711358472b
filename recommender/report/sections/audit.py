"""Audit: every promise of the plan beside the figure that other arithmetic gives."""

from recommender.plan import Finding, Plan
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table, Tone


def audit(plan: Plan) -> Section | None:
    """A summary sentence, then the promises; broken ones first and marked."""
    if not plan.audit:
        return None
    findings = sorted(plan.audit, key=lambda f: f.holds)
    broken = sum(not f.holds for f in findings)
    summary = (
        f"All {len(findings)} promises hold when re-derived by other arithmetic."
        if not broken
        else f"{broken} of {len(findings)} promises do NOT hold when re-derived."
    )
    columns = (
        Column(""),
        Column("promise"),
        Column("stated", numeric=True),
        Column("re-derived", numeric=True),
        Column("note"),
    )
    table = Table(columns, tuple(_row(f) for f in findings), frozenset(range(broken)))
    tone: Tone = "bad" if broken else "good"
    return Section("audit", "Audit", (Paragraph(summary, strong=bool(broken)), table), tone)


def _row(finding: Finding) -> tuple[Cell, ...]:
    return (
        Cell("ok" if finding.holds else "BROKEN"),
        Cell(finding.promise),
        Cell(_amount(finding.stated, finding.unit), finding.stated),
        Cell(_amount(finding.rederived, finding.unit), finding.rederived),
        Cell(finding.note),
    )


def _amount(value: float, unit: str) -> str:
    match unit:
        case "s":
            return q.duration(value)
        case "W":
            return q.power(value)
        case "USD/h":
            return q.dollars_per_hour(value)
        case _:
            return f"{q.significant(value, 4)} {unit}".strip()
