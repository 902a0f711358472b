"""The 90 % interval of a prediction: quantiles of errors on rows that no fit had seen.

    predicted * exp(low * m + a) .. predicted * exp(high * m + b)

low, high   5th and 95th percentile of log(measured / predicted) of the same kind of quantity and
            level (`error_level`), of the row's engine, model family and silicon, or of fewer of
            these where too few rows share them all (`errors.csv`)
m           how much wider than usual rows like this one are (`spread`)
            of deployments that the user ran, percentiles of their own runs (`own_error`), m = 1
a, b        what the room in the cache may explain, of closed loops that may have to wait (`room`)
"""

from collections.abc import Sequence

from catalog.calibration import (
    Basis,
    BasisError,
    Calibration,
    ErrorLevel,
    OwnError,
)
from recommender.accuracy.error_kind import error_kind
from recommender.accuracy.error_level import SUREST_FIRST, error_level
from recommender.accuracy.far_chance import far_chance
from recommender.accuracy.own_error import own_error_of
from recommender.accuracy.question import Question
from recommender.accuracy.room import may_wait
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.spread import spread_factors
from recommender.performance.basis import error_groups
from recommender.performance.layout_table import Floats

WIDEST = 1.4
"""Half-width of log(measured / predicted) where nothing is known: a factor of 4 each way."""


def error_engines(question: Question) -> tuple[str, str, str]:
    """Groups that errors are kept by, the narrowest first: engine and kind of model with family
    and silicon, with family, and alone.
    """
    scenario = question.scenario
    return error_groups(
        model=scenario.model, accelerator=scenario.accelerator, engine=scenario.engine
    )


def error_rows(
    questions: Sequence[Question],
    bases: Sequence[Basis],
    table: ScenarioTable,
    calibration: Calibration,
) -> list[BasisError | OwnError | None]:
    """What is known of each row's errors: by own runs of the deployment, or by its level."""
    waits = may_wait(questions, table)
    return [
        own_error_of(question, calibration)
        or error_at(
            question,
            error_level(question, basis, calibration, waits=bool(waiting)),
            calibration,
        )
        for question, basis, waiting in zip(questions, bases, waits, strict=True)
    ]


def far_chance_of(
    question: Question, error: BasisError | OwnError | None, calibration: Calibration
) -> float | None:
    """How often rows like this one are off by more than three times, and no less often than those
    of surer levels; None where nobody counted.
    """
    if not isinstance(error, BasisError):
        return None
    engines = error_engines(question)
    surer = SUREST_FIRST[: SUREST_FIRST.index(error.basis)]
    found = [calibration.find_error(basis=name, kind=error.kind, engines=engines) for name in surer]
    chances = [_far_chance(row, calibration) for row in (*found, error) if row is not None]
    known = [chance for chance in chances if chance is not None]
    return max(known) if known and chances[-1] is not None else None


def _far_chance(error: BasisError, calibration: Calibration) -> float | None:
    all_rows = calibration.find_error(basis=error.basis, kind=error.kind)
    if all_rows is None or all_rows.far is None or error.far is None:
        return None
    return far_chance((all_rows.far, all_rows.rows), (error.far, error.rows))


def intervals(
    questions: Sequence[Question],
    errors: Sequence[BasisError | OwnError | None],
    table: ScenarioTable,
    reach: Floats,
    calibration: Calibration,
) -> list[tuple[float, float]]:
    """5th and 95th percentile of log(measured / predicted) of each row; `reach` of its room."""
    levels: list[ErrorLevel] = [
        row.basis if isinstance(row, BasisError) else "roofline" for row in errors
    ]
    kinds = [error_kind(question) for question in questions]
    factors = spread_factors(questions, table, levels, kinds, calibration)
    ends = [
        _usual(row, 1.0 if isinstance(row, OwnError) else float(factor))
        for row, factor in zip(errors, factors, strict=True)
    ]
    return [
        (low + float(least), high + float(most))
        for (low, high), (least, most) in zip(ends, reach, strict=True)
    ]


def _usual(row: BasisError | OwnError | None, factor: float) -> tuple[float, float]:
    """Ends for a row with room."""
    if row is None or row.low is None or row.high is None:
        return -WIDEST, WIDEST
    return row.low * factor, row.high * factor


def error_at(question: Question, level: ErrorLevel, calibration: Calibration) -> BasisError | None:
    """The errors of this level, or of the next less sure one that has rows of this kind."""
    kind, engines = error_kind(question), error_engines(question)
    for name in SUREST_FIRST[SUREST_FIRST.index(level) :]:
        row = calibration.find_error(basis=name, kind=kind, engines=engines)
        if row is not None:
            return row
    return None
