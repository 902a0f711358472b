"""Repairs: changes of the request that make it feasible, each with a plan that shows it."""

from recommender.plan import Plan
from recommender.report.blocks import Block, Cell, Column, Paragraph, Section, Table

LATENCY = ("--p99", "--ttft-p99", "--tpot-p99", "--itl-p99", "--e2e-p99")
COMPARE = (
    "The least latency that has a plan is the dearest one. Compare looser ones before you choose: "
    "recommend what-if --vary"
)


def repairs(plan: Plan) -> Section | None:
    """One row per change."""
    if not plan.repairs:
        return None
    columns = (Column("change"), Column("to"), Column("then this meets it"))
    rows = tuple((Cell(r.change), Cell(r.value), Cell(r.witness)) for r in plan.repairs)
    blocks: list[Block] = [Table(columns, rows)]
    latency = next((r.change for r in plan.repairs if r.change in LATENCY), None)
    if latency is not None:
        name = latency.removeprefix("--").replace("-", "_")
        blocks.append(Paragraph(f"{COMPARE} {name}=..."))
    return Section("repairs", "What would make it possible", tuple(blocks), "good")
