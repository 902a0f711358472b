"""Refit the calibration from measurement files and the wheel: one command, same result.

1. Fit all constants to all usable speed rows, and write them.
2. Hold rows out in six ways, fit the others from the prior, and keep the errors.
3. Make intervals of those errors, with what they depend on.
4. Predict memory and power rows with the new constants, and keep those errors too.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog.calibration import Calibration, load_calibration
from recommender.accuracy.fit.error_samples import level_samples
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.fitted_tables import write_fitted
from recommender.accuracy.fit.folds import WAYS
from recommender.accuracy.fit.formula_tables import Errors, labelled
from recommender.accuracy.fit.interval_tables import write_errors
from recommender.accuracy.fit.measured import SPEEDS, Measured, read_measured
from recommender.accuracy.fit.score_table import plan_score_rows, power_score_rows, score_rows
from recommender.accuracy.fit.tables import (
    too_few,
    write_first_token,
    write_rows,
    write_tables,
)
from recommender.accuracy.fit.training import training
from recommender.accuracy.prediction import own_values
from recommender.accuracy.question import Question
from recommender.accuracy.regime import basis_of
from recommender.errors import SpecError
from recommender.performance.layout_table import Floats

FORMULAS = ("memory", "power")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Errors of the speed rows, by the way in which they were held out."""

    questions: tuple[Question, ...]
    predicted: dict[str, Floats]
    """log(measured / predicted) by way of holding out, and `in sample`."""
    planned: dict[str, Floats]
    """The same of what plans predict, see `HeldOutErrors`."""


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
    if not speeds.questions:
        raise SpecError("no row of speed can be used: nothing to refit")
    trained = training(speeds.questions, speeds.values, load_calibration())
    if missing := too_few(trained):
        raise SpecError(missing)
    report(
        f"fitting {len(trained.questions)} rows of {len(trained.cells)} engines;"
        f" {trained.contradictory} rows of settings that contradict themselves and"
        f" {trained.impossible} that are faster than their hardware allows are left out"
    )
    vector = trained.fit(trained.data, start=trained.shape.start())
    inside = trained.errors(trained.data, vector)
    write_tables(folder, trained, vector, inside, day=day)
    write_fitted(folder, trained.questions, day=day)
    timing = trained.timing(vector)
    residual = trained.first_token(inside, timing, np.ones(len(inside), dtype=bool))
    write_first_token(folder, trained, residual, day=day)
    inside = inside - trained.explained(residual, timing)
    load_calibration.cache_clear()
    held = HeldOut(trained.questions, {"in sample": inside}, {})
    for way in WAYS:
        report(f"holding out by {way}")
        errors = trained.held_out_errors(way)
        held.predicted[way], held.planned[way] = errors.predicted, errors.planned
    calibration = load_calibration(folder)
    formulas = _formula_errors(measured.of_kinds(FORMULAS), calibration)
    bases = [basis_of(question, calibration) for question in trained.questions]
    samples, plan_samples = (
        level_samples(trained.questions, trained.data.table, bases, errors, calibration)
        for errors in (held.predicted, held.planned)
    )
    write_errors(folder, samples, plan_samples, formulas, day=day)
    of_files = np.array(speeds.of_files)[trained.used]
    scores = [*score_rows(trained.questions, bases, held.predicted, of_files.tolist())]
    scores += plan_score_rows(trained.questions, bases, held.planned)
    scores += _formula_scores(measured.of_kinds(FORMULAS), calibration)
    write_rows(folder / "scores.csv", scores)
    load_calibration.cache_clear()
    return held


def _formula_errors(measured: Measured, calibration: Calibration) -> Errors:
    """Errors of memory and power with their labels."""
    errors = formula_errors(measured, calibration)
    return labelled(measured.questions, errors, np.abs(errors) < 5)


def _formula_scores(measured: Measured, calibration: Calibration) -> Iterable[dict[str, object]]:
    """Scores of memory and power by kind, which no fit of step times holds out."""
    bases = [basis_of(question, calibration) for question in measured.questions]
    errors = {"formula": formula_errors(measured, calibration)}
    yield from score_rows(measured.questions, bases, errors)
    yield from power_score_rows(measured.questions, errors)


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
