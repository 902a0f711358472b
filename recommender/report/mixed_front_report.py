"""The front of mixed plans as a section, a table and JSON: each point with its proof."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from recommender.fronts.mixed_fronts import FrontOfMixed
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table

if TYPE_CHECKING:
    import pandas as pd


def sections(front: FrontOfMixed) -> tuple[Section, ...]:
    """One section: a row per point, then how far the front is complete."""
    title = f"Pareto front of mixed plans: {front.axes[0]}, {front.axes[1]}"
    p99 = "p99 promised" if front.axes[1] == "p99" else "p99"
    columns = (
        Column("$/h", numeric=True),
        Column(p99, numeric=True),
        Column("power", numeric=True),
        Column("accelerators", numeric=True),
        Column("proof"),
        Column("plan"),
    )
    rows = tuple(
        (
            Cell(q.dollars(point.cost_usd_per_h), point.cost_usd_per_h),
            Cell(q.duration(point.p99_s), point.p99_s),
            Cell(q.power(point.power_w), point.power_w),
            Cell(q.count(point.accelerators), point.accelerators),
            Cell(proof),
            Cell(point.plan),
        )
        for point, proof in zip(front.points, front.proofs, strict=True)
    )
    known = f"{q.counted(len(front.points), 'point')}: {front.extent}."
    rates = "Rates are closed forms at their 95 % lower factor; nothing is simulated."
    blocks = (Table(columns, rows), Paragraph(known, strong=True), Paragraph(rates))
    return (Section("front", title, blocks, "good" if front.complete else "warning"),)


def frame(front: FrontOfMixed) -> "pd.DataFrame":
    """One row per point."""
    import pandas as pd

    proven = zip(front.points, front.proofs, strict=True)
    return pd.DataFrame([asdict(point) | {"proof": proof} for point, proof in proven])


def json_text(front: FrontOfMixed) -> str:
    """The whole front, indented."""
    return json.dumps(asdict(front), indent=2)
