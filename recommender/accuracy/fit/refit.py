"""Refit the calibration from measurement files and the wheel: one command, same result.

1. Fit all constants to all usable speed rows, and write them.
2. Hold rows out in four ways, fit the others from the prior, and keep the errors.
3. Predict memory and power rows with the new constants, and keep those errors too.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.calibration import Basis, Calibration, load_calibration
from recommender.accuracy.fit.contradictions import contradictory
from recommender.accuracy.fit.error_table import Errors, error_rows, labelled
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.measured import SPEEDS, Measured, read_measured
from recommender.accuracy.fit.score_table import score_rows
from recommender.accuracy.fit.tables import SOURCE, write_first_token, write_rows, write_tables
from recommender.accuracy.fit.training import Training, training
from recommender.accuracy.prediction import own_values
from recommender.accuracy.question import Question
from recommender.accuracy.regime import basis_of
from recommender.performance.layout_table import Floats

FORMULAS = ("memory", "power")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Errors of the speed rows, by the way in which they were held out."""

    questions: tuple[Question, ...]
    errors: dict[str, Floats]
    """log(measured / predicted) by way of holding out, and `in sample`."""


def refit(
    files: Iterable[Path],
    wheel: Path | None,
    folder: Path,
    *,
    day: datetime.date,
    report: Callable[[str], None],
) -> HeldOut:
    """Write the tables of constants, factors, errors and scores into `folder`."""
    measured = read_measured(files, wheel)
    speeds = measured.of_kinds(SPEEDS)
    trained = training(speeds.questions, speeds.values, load_calibration())
    contrary = int(contradictory(speeds.questions, speeds.values).sum())
    report(
        f"fitting {len(trained.questions)} rows of {len(trained.cells)} engines;"
        f" {contrary} rows of settings that contradict themselves are left out"
    )
    vector = trained.fit(trained.data, start=trained.shape.start())
    inside = trained.errors(trained.data, vector)
    write_tables(folder, trained, vector, inside, day=day)
    residual = trained.first_token(inside, np.ones(len(inside), dtype=bool))
    write_first_token(folder, trained, residual, day=day)
    inside = inside - trained.explained(residual)
    load_calibration.cache_clear()
    held = {"in sample": inside}
    for way in ("configuration", "model", "accelerator", "architecture"):
        report(f"holding out by {way}")
        held[way] = trained.held_out_errors(way)
    calibration = load_calibration(folder)
    found = _by_basis(trained, held, calibration)
    for basis, errors in _formula_errors(measured.of_kinds(FORMULAS), calibration).items():
        found[basis] += errors
    common = {"source": SOURCE, "verification": "derived", "date": day.isoformat()}
    write_rows(folder / "errors.csv", [{**row, **common, **row} for row in error_rows(found)])
    bases = [basis_of(question, calibration) for question in trained.questions]
    scores = [*score_rows(trained.questions, bases, held)]
    scores += _formula_scores(measured.of_kinds(FORMULAS), calibration)
    write_rows(folder / "scores.csv", scores)
    load_calibration.cache_clear()
    return HeldOut(trained.questions, held)


def _by_basis(
    trained: Training, held: dict[str, Floats], calibration: Calibration
) -> dict[Basis, Errors]:
    questions = trained.questions
    bases = np.array([basis_of(question, calibration) for question in questions])
    founded = bases != "roofline"
    everything = np.ones(len(questions), dtype=bool)

    def kept(way: str, mask: npt.NDArray[np.bool_]) -> Errors:
        return labelled(questions, held[way], mask)

    return {
        "calibrated": kept("configuration", bases == "calibrated"),
        "transferred": kept("model", founded) + kept("accelerator", founded),
        "roofline": kept("architecture", everything),
    }


def _formula_errors(measured: Measured, calibration: Calibration) -> dict[Basis, Errors]:
    """Errors of memory and power, for every basis alike."""
    if not measured.questions:
        return {}
    errors = formula_errors(measured, calibration)
    rows = labelled(measured.questions, errors, np.abs(errors) < 5)
    return {"calibrated": rows, "transferred": rows, "roofline": rows}


def _formula_scores(measured: Measured, calibration: Calibration) -> Iterable[dict[str, object]]:
    """Scores of memory and power by kind, which no fit of step times holds out."""
    bases = [basis_of(question, calibration) for question in measured.questions]
    errors = {"formula": formula_errors(measured, calibration)}
    return score_rows(measured.questions, bases, errors)


def formula_errors(measured: Measured, calibration: Calibration) -> Floats:
    """log(measured / predicted) of memory and power, shape (n,); NaN where a row is suspect."""
    questions = measured.questions
    if not questions:
        return np.empty(0)
    predicted = own_values(questions, calibration)
    own = [
        value * divisor(question)
        for question, value in zip(questions, measured.values, strict=True)
    ]
    errors = np.log(np.array(own) / np.maximum(np.array(predicted), 1e-12))
    suspect = np.array(["SUSPECT" in question.row.notes for question in questions])
    return np.where(suspect, np.nan, errors)
