"""A fitted vector as the tables of the calibration folder."""

import csv
import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

import numpy as np

from catalog.calibration import ANY_ENGINE
from catalog.silicon import lineage, silicon
from recommender.accuracy.first_token import WEIGHTS, is_closed_first_token
from recommender.accuracy.first_token import groups_of as first_token_groups
from recommender.accuracy.fit.first_token_fit import Weights
from recommender.accuracy.fit.groups import ALL_ENGINES
from recommender.accuracy.fit.parameters import SHARPNESS, values_of
from recommender.accuracy.fit.training import Training
from recommender.performance.layout_table import Floats
from recommender.write import write_text

FEWEST_ROWS = 15
"""An engine, architecture or family counts as fitted from this many rows on."""
SOURCE = (
    "fit to public measurements and to systems/silicon_sample.csv of aiconfigurator-core 0.12.0"
    " (Apache-2.0), shrunk to the mean of all engines"
)

Row = Mapping[str, object]


def too_few(trained: Training) -> str:
    """What is missing for a table of constants; blank where the rows suffice."""
    kinds = np.array([kind for _, kind in trained.cells])[trained.data.cell]
    for kind, name in (("dense", "dense models"), ("moe", "models with experts")):
        if not all(_lists(trained, kinds == kind).values()):
            return (
                f"{(kinds == kind).sum()} usable rows of {name}: a refit needs {FEWEST_ROWS} of one"
                " engine, of one kind of silicon and of one family; without --refit a few runs"
                " scale the shipped constants"
            )
    return ""


def write_tables(
    folder: Path, trained: Training, vector: Floats, errors: Floats, *, day: datetime.date
) -> None:
    """Write step_constants.csv, architectures.csv and deviations.csv; `errors` are in sample."""
    common = {"source": SOURCE, "verification": "derived", "date": day.isoformat()}
    constants = [{**row, **common} for row in _constants(trained, vector, errors)]
    factors = [{**row, **common} for row in _architectures(trained, vector, errors)]
    write_rows(folder / "step_constants.csv", constants)
    write_rows(folder / "architectures.csv", factors)
    deviations = [{**row, **common} for row in _deviations(trained, vector, errors)]
    write_rows(folder / "deviations.csv", deviations)


def write_first_token(
    folder: Path, trained: Training, weights: Weights, *, day: datetime.date
) -> None:
    """Write first_token.csv: the learned residual of each group of rows."""
    counted = Counter(
        group
        for question in trained.questions
        if is_closed_first_token(question)
        for group in first_token_groups(question.scenario)
    )
    rows = [
        {
            "engine": engine, "kind": kind, "family": family, "silicon": silicon_name,
            "version": version, "format": weights_format,
            **dict(zip(WEIGHTS, (round(float(value), 4) for value in values), strict=True)),
            "rows": counted[engine, kind, family, silicon_name, version, weights_format],
            "source": SOURCE,
            "verification": "derived", "date": day.isoformat(),
        }
        for (engine, kind, family, silicon_name, version, weights_format), values in sorted(
            weights.items()
        )
    ]  # fmt: skip
    write_rows(folder / "first_token.csv", rows)


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    """Write a table whose columns are the first row's keys; replaces the file at once.

    A table without rows keeps the columns that it has on disk.
    """
    if rows:
        columns = list(rows[0])
    else:
        with path.open(newline="", encoding="utf-8") as file:
            columns = next(csv.reader(file))
    text = StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=columns)
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


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
    values = values_of(positions)
    rounded = {name: float(f"{value:.4g}") for name, value in values.items()}
    return {
        "engine": engine, "kind": kind, **rounded, "sharpness": SHARPNESS, **rest,
    }  # fmt: skip


def _lists(trained: Training, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Row:
    """What the rows of a kind of model cover."""
    scenarios = [
        question.scenario for question, keep in zip(trained.questions, mask, strict=True) if keep
    ]
    architectures = _frequent(silicon(item.accelerator) for item in scenarios)
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
    """Kinds of silicon with what they inherit: the sum over their lineage."""
    kinds = np.array([silicon(question.scenario.accelerator) for question in trained.questions])
    place = {name: index for index, name in enumerate(trained.groups.names)}
    logs = trained.shape.factors(vector)
    for name in sorted(set(kinds)):
        mine = kinds == name
        if mine.sum() < FEWEST_ROWS:
            continue
        inherited = [logs[place[ALL_ENGINES, "silicon", kin]] for kin in lineage(name)]
        yield {
            "architecture": name,
            **_factors(np.sum(inherited, axis=0)),
            "rows": int(mine.sum()),
            "fit_error_pct": _percent(errors[mine]),
        }


def _deviations(trained: Training, vector: Floats, errors: Floats) -> Iterable[dict[str, object]]:
    """What engines reach on a kind of silicon and of a family, beside their constants.

    Of few rows, too: these are shrunk, and scores are of predictions that have them. Engines
    without constants of their own have none.
    """
    logs = trained.shape.factors(vector)
    counted = np.bincount(trained.data.cell, minlength=len(trained.cells))
    fitted = {
        cell for cell, rows in zip(trained.cells, counted, strict=True) if rows >= FEWEST_ROWS
    }
    for index, (engine, scope, name) in enumerate(trained.groups.names):
        mine = (trained.data.groups == index).any(axis=1)
        key, _, kind = engine.rpartition(" ")
        if (key, kind) not in fitted:
            continue
        yield {
            "engine": key, "kind": kind, "scope": scope, "name": name, **_factors(logs[index]),
            "rows": int(mine.sum()), "fit_error_pct": _percent(errors[mine]),
        }  # fmt: skip


def _factors(logs: Floats) -> dict[str, object]:
    names = (
        "compute_factor",
        "bandwidth_factor",
        "overhead_factor",
        "frontend_factor",
        "waiting_factor",
    )
    return {name: round(float(value), 3) for name, value in zip(names, np.exp(logs), strict=True)}


def _percent(errors: Floats) -> float:
    """Mean absolute percentage error of log(measured / predicted)."""
    return round(100 * float(np.mean(np.abs(np.expm1(-errors)))), 1)
