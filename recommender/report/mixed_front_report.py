"""The front of mixed plans as a section, a table and JSON: each point with its proof."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from recommender.fronts.mixed_fronts import FrontOfMixed
from recommender.horizon import span_words
from recommender.reasons import FrontPoint
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table

if TYPE_CHECKING:
    import pandas as pd


MORE: dict[str, tuple[str, Callable[[float], str]]] = {
    "nodes": ("nodes", lambda n: q.count(int(n))),
    "energy": ("planned power", q.power),
    "carbon": ("CO2e/h", lambda grams: f"{grams / 1000:,.2f} kg"),
}
"""Axis -> column and how it is written, for axes that the table would not show."""


def sections(front: FrontOfMixed) -> tuple[Section, ...]:
    """One section: a row per point, then how far the front is complete."""
    title = f"Pareto front of mixed plans: {', '.join(front.axes)}"
    p99 = "p99 promised" if "p99" in front.axes else "p99"
    more = tuple(axis for axis in front.axes if axis in MORE)
    quality = (Column("quality", numeric=True),) if "quality" in front.axes else ()
    horizon_h = front.horizon_h
    over = () if horizon_h is None else (Column(f"over {span_words(horizon_h)}", numeric=True),)
    columns = (
        Column("$/h", numeric=True),
        *over,
        Column(p99, numeric=True),
        Column("power", numeric=True),
        Column("accelerators", numeric=True),
        *(Column(MORE[axis][0], numeric=True) for axis in more),
        *quality,
        Column("proof"),
        Column("plan"),
    )
    rows = tuple(
        (
            Cell(q.dollars(point.cost_usd_per_h), point.cost_usd_per_h),
            *([_over(point)] if over else []),
            Cell(f"{_mark(front, point)}{q.duration(point.p99_s)}", point.p99_s),
            Cell(q.power(point.power_w), point.power_w),
            Cell(q.count(point.accelerators), point.accelerators),
            *_more(front, values, more),
            *([Cell(_quality(point), -point.quality_loss_pct)] if quality else []),
            Cell(proof or "none"),
            Cell(point.plan),
        )
        for point, values, proof in zip(front.points, front.values, front.proofs, strict=True)
    )
    known = f"{q.counted(len(front.points), 'point')}: {front.extent}."
    blocks = (Table(columns, rows), Paragraph(known, strong=True), Paragraph(front.basis))
    return (Section("front", title, blocks, "good" if front.complete else "warning"),)


def _mark(front: FrontOfMixed, point: FrontPoint) -> str:
    """`~` before a closed form among simulated values; the basis says where nothing is."""
    mixed = any(other.simulated for other in front.points)
    return "~" if mixed and not point.simulated and "p99" not in front.axes else ""


def _over(point: FrontPoint) -> Cell:
    """What the point costs over the horizon."""
    sum_usd = point.cost_over_horizon_usd
    return Cell("") if sum_usd is None else Cell(q.dollars(sum_usd), sum_usd)


def _quality(point: FrontPoint) -> str:
    """Of 100 where models have a figure, else the loss by quantisation."""
    if point.quality is None:
        return f"-{q.percent(point.quality_loss_pct)}"
    return q.significant(point.quality)


def _more(
    front: FrontOfMixed, values: tuple[float, ...], axes: tuple[str, ...]
) -> tuple[Cell, ...]:
    """Values on the axes that have no column anyway."""
    at = (values[front.axes.index(axis)] for axis in axes)
    return tuple(Cell(MORE[axis][1](v), v) for axis, v in zip(axes, at, strict=True))


def frame(front: FrontOfMixed) -> "pd.DataFrame":
    """One row per point."""
    import pandas as pd

    return pd.DataFrame(
        [
            asdict(point) | _axes_of(front, values) | {"proof": proof}
            for point, values, proof in zip(front.points, front.values, front.proofs, strict=True)
        ]
    )


def _axes_of(front: FrontOfMixed, values: tuple[float, ...]) -> dict[str, float]:
    """Energy and carbon, which a point does not hold otherwise."""
    pairs = zip(front.axes, values, strict=True)
    names = {"energy": "planned_power_w", "carbon": "carbon_g_per_h"}
    return {names[axis]: value for axis, value in pairs if axis in names}


def json_text(front: FrontOfMixed) -> str:
    """The whole front, indented, with what it rests on."""
    return json.dumps({"basis": front.basis} | asdict(front), indent=2)
