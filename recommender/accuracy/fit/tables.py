"""A fitted vector as the tables of the calibration folder."""

import csv
import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from catalog.calibration import ANY_ENGINE
from recommender.accuracy.fit.parameters import NAMES, SHARPNESS, values_of
from recommender.accuracy.fit.training import Training
from recommender.performance.layout_table import Floats

FEWEST_ROWS = 15
"""An engine, architecture or family counts as fitted from this many rows on."""
SOURCE = (
    "fit to public measurements and to systems/silicon_sample.csv of aiconfigurator-core 0.12.0"
    " (Apache-2.0), shrunk to the mean of all engines"
)

Row = Mapping[str, object]


def write_tables(
    folder: Path, trained: Training, vector: Floats, errors: Floats, *, day: datetime.date
) -> None:
    """Write step_constants.csv and architectures.csv; `errors` are in sample."""
    common = {"source": SOURCE, "verification": "derived", "date": day.isoformat()}
    constants = [{**row, **common} for row in _constants(trained, vector, errors)]
    factors = [{**row, **common} for row in _architectures(trained, vector, errors)]
    write_rows(folder / "step_constants.csv", constants)
    write_rows(folder / "architectures.csv", factors)


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    """Write a table whose columns are the first row's keys; replaces the file at once."""
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)


def _constants(trained: Training, vector: Floats, errors: Floats) -> Iterable[dict[str, object]]:
    shape = trained.shape
    shared, deviation = shape.shared(vector), shape.deviation(vector)
    kinds = np.array([kind for _, kind in trained.cells])[trained.data.cell]
    lists = {kind: _lists(trained, kinds == kind) for kind in ("dense", "moe")}
    for kind in ("dense", "moe"):
        fit = {"rows": int((kinds == kind).sum()), "fit_error_pct": _percent(errors[kinds == kind])}
        yield _row(ANY_ENGINE, kind, shared, {**lists[kind], **fit})
    for index, (engine, kind) in enumerate(trained.cells):
        mine = trained.data.cell == index
        if mine.sum() < FEWEST_ROWS:
            continue
        fit = {"rows": int(mine.sum()), "fit_error_pct": _percent(errors[mine])}
        yield _row(engine, kind, shared + deviation[index], {**lists[kind], **fit})


def _row(engine: str, kind: str, positions: Floats, rest: Row) -> dict[str, object]:
    values = dict(zip(NAMES, values_of(positions), strict=True))
    rounded = {name: float(f"{value:.4g}") for name, value in values.items()}
    return {
        "engine": engine, "kind": kind, **rounded, "sharpness": SHARPNESS, **rest,
    }  # fmt: skip


def _lists(trained: Training, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Row:
    """What the rows of a kind of model cover."""
    scenarios = [
        question.scenario for question, keep in zip(trained.questions, mask, strict=True) if keep
    ]
    architectures = _frequent(item.accelerator.architecture for item in scenarios)
    return {
        "architectures": architectures,
        "operator_architectures": architectures,
        "engines": _frequent(item.engine for item in scenarios),
        "families": _frequent(item.model.family for item in scenarios),
    }


def _frequent(names: Iterable[str]) -> str:
    counted = Counter(names)
    return ";".join(sorted(name for name, count in counted.items() if count >= FEWEST_ROWS))


def _architectures(
    trained: Training, vector: Floats, errors: Floats
) -> Iterable[dict[str, object]]:
    for index, name in enumerate(trained.architectures):
        mine = trained.data.architecture == index
        if mine.sum() < FEWEST_ROWS:
            continue
        compute, bandwidth, overhead = np.exp(trained.shape.factors(vector)[index])
        yield {
            "architecture": name,
            "compute_factor": round(float(compute), 3),
            "bandwidth_factor": round(float(bandwidth), 3),
            "overhead_factor": round(float(overhead), 3),
            "rows": int(mine.sum()),
            "fit_error_pct": _percent(errors[mine]),
        }


def _percent(errors: Floats) -> float:
    """Mean absolute percentage error of log(measured / predicted)."""
    return round(100 * float(np.mean(np.abs(np.expm1(-errors)))), 1)
