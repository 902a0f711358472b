"""Audit: every promise of the plan beside the figure that other arithmetic gives."""

from collections.abc import Sequence

from recommender.plan import Finding, Plan
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table, Tone

_COLUMNS = (
    Column(""),
    Column("promise"),
    Column("stated, or limit", numeric=True),
    Column("re-derived", numeric=True),
    Column("note"),
)


def audit(plan: Plan) -> Section | None:
    """A summary sentence, then all promises; broken ones first and marked."""
    return _section(plan.audit, plan.audit)


def audit_summary(plan: Plan) -> Section | None:
    """The same without the promises whose re-derived figure reads like the stated one."""
    telling = [f for f in plan.audit if not f.holds or _stated(f) != _rederived(f)]
    return _section(plan.audit, telling)


def _section(findings: Sequence[Finding], shown: Sequence[Finding]) -> Section | None:
    if not findings:
        return None
    broken = sum(not f.holds for f in findings)
    tone: Tone = "bad" if broken else "good"
    summary = (
        f"{broken} of {len(findings)} promises do NOT hold when re-derived by other arithmetic."
        if broken
        else f"All {len(findings)} promises hold when re-derived by other arithmetic."
    )
    same = len(findings) - len(shown)
    if same:
        summary += f" {same} of them to the last digit shown; the others:"
    blocks: list[Paragraph | Table] = [Paragraph(summary, strong=bool(broken))]
    if shown:
        rows = tuple(_row(f) for f in sorted(shown, key=lambda f: f.holds))
        blocks.append(Table(_COLUMNS, rows, frozenset(range(broken))))
    return Section("audit", "Audit", tuple(blocks), tone)


def _row(finding: Finding) -> tuple[Cell, ...]:
    return (
        Cell("ok" if finding.holds else "BROKEN"),
        Cell(finding.promise),
        Cell(_stated(finding), finding.stated),
        Cell(_rederived(finding), finding.rederived),
        Cell(finding.note),
    )


def _stated(finding: Finding) -> str:
    return _amount(finding.stated, finding.unit)


def _rederived(finding: Finding) -> str:
    return _amount(finding.rederived, finding.unit)


def _amount(value: float, unit: str) -> str:
    match unit:
        case "s":
            return q.duration(value)
        case "W":
            return q.power(value)
        case "kWh":
            return q.energy(value)
        case "GiB":
            return q.memory(value)
        case _ if unit.startswith(("$", "USD")):
            return f"{q.dollars(value)}{unit.removeprefix('USD').removeprefix('$')}"
        case _:
            return f"{q.significant(value, 4)} {unit}".strip()
