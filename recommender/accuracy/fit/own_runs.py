"""Own measurements as a correction of the shipped constants.

A few runs cannot fit eighteen constants. They fit one: how much slower the engine is than
predicted,

    f = exp(median of log(measured time / predicted time))

and the constants of that engine and kind of model are scaled so that the times of these rows grow
by f in the median: shares of peaks are divided by s, overheads and collectives multiplied,

    s <- s * exp(median of log(measured time / time predicted with s)),    s within f/1.5 .. 1.5*f

since shares saturate near what any kernel reaches (`performance.constants`), and the frontend,
which is a part of throughput and of end-to-end times, stays as it is. What versions of the engine
added in the shipped runs is dropped: plans use none of it, and own runs say more. Runs on
silicon that was never fitted say how fast it is, and scale nothing else (`own_silicon`). How far
they still are off becomes the error of the deployments that were run (`own_errors`).

Rows that are faster than any share of the peaks allows keep a part of their error: it is said, and
they claim no errors of their own. Rows that are more than twice off after the correction are kept,
as the median hardly moves by them, and named; repeated settings that contradict themselves are left
out before (`doubtful_rows`). Parts of the step time that the rows hardly show are scaled with the
rest, and said (`untried`).

Refused: fewer than 5 rows; rows that contradict each other, that is a median deviation of
their logarithms from f of more than 0.35; f of more than 5 or less than 1/5, which is a wrong unit
or a wrong layout: whole architectures that were held out are off by less.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np

from catalog.calibration import Calibration, Kind, StepConstants
from catalog.silicon import silicon
from recommender.accuracy.fit.doubtful_rows import far_off
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.in_words import counted, times_in_words
from recommender.accuracy.fit.measured import Measured
from recommender.accuracy.fit.own_errors import Claimed, count_runs, own_errors
from recommender.accuracy.fit.own_silicon import (
    CLOSE,
    MOST_ROUNDS,
    fitted_silicon,
    scaled_on_silicon,
)
from recommender.accuracy.fit.untried import untested, untried, untried_in_words, with_note
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.prediction import own_values
from recommender.accuracy.question import Question
from recommender.errors import SpecError
from recommender.performance.constants import BANDWIDTH_SHARES, COMPUTE_SHARES, OVERHEADS
from recommender.performance.layout_table import Floats

SPEEDS = ("tpot", "throughput", "e2e")
"""Kinds that correct constants: first tokens wait for what nobody reports, formulas have none."""
FEWEST_ROWS = 5
LARGEST_SPREAD = 0.35
LARGEST_FACTOR = 5.0
FURTHEST = 1.5
"""Beyond the plain median, so that overheads do not go where only shares are at their end."""
MOST_LEFT = 0.02
"""Logarithm of what may be left of the median error."""
ALL_OVERHEADS = (*OVERHEADS, "sequence_s", "collective_scale", "exchange_scale")
"""Those that differ between kinds of silicon, and those that do not."""
Cell = tuple[str, Kind]


@dataclass(frozen=True, slots=True)
class Correction:
    """How one engine's constants were scaled, and what that did to its errors."""

    cell: Cell
    silicon: str
    """The only silicon that it concerns; blank is all."""
    rows: int
    runs: int
    """Different runs among the rows."""
    factor: float
    """On predicted times, against the shipped constants, in the median of the rows."""
    median_error_before_pct: float
    median_error_after_pct: float
    left: float
    """Measured times against predicted ones with the corrected constants, in the median."""
    far_off: tuple[str, ...] = ()
    """Rows that stay more than twice off, in words."""
    claimed: tuple[Claimed, ...] = ()
    """What the runs say of the errors of their deployments."""
    untried: str = ""
    """How far the runs reach, in words, where a part of the step time is hardly in them."""


def correct(
    measured: Measured, calibration: Calibration, *, source: str
) -> tuple[Calibration, list[Correction]]:
    """The calibration with the constants of every measured engine corrected.

    Raises
    ------
    SpecError
        Too few rows, or rows that contradict each other.
    """
    speeds = measured.of_kinds(SPEEDS)
    if len(speeds.questions) < FEWEST_ROWS:
        raise SpecError(
            f"{counted(len(speeds.questions), 'usable row')} of speed; at least {FEWEST_ROWS} are"
            " needed"
        )
    corrections: list[Correction] = []
    corrected = calibration
    for (cell, place), index in _cells(speeds.questions, calibration):
        own = _take(speeds, index)
        corrected = _of_no_version(corrected, cell)
        _check((*cell, place), log_slowness(own, corrected))
        corrected = _scaled_to(own, corrected, cell, place, source=source)
        after = log_slowness(own, corrected)
        left = float(np.median(after))
        claims = own_errors(own.questions, after, calibration, source=source)
        claimed = tuple(claims) if abs(left) < MOST_LEFT else ()
        longer = log_slowness(own, _of_no_version(calibration, cell)) - after
        errors = _percent(log_slowness(own, calibration)), _percent(after)
        factor = float(np.exp(np.median(longer)))
        runs = count_runs(own.questions)
        far = tuple(far_off(own, after))
        hardly = untried(own.questions, corrected)
        corrected = with_note(corrected, cell=cell, silicon=place, note=untested(hardly))
        words = untried_in_words(own.questions, hardly)
        done = Correction(
            cell, place, len(index), runs, factor, *errors, float(np.exp(left)), far, claimed, words
        )
        corrections.append(done)
    rows = tuple(one.row for done in corrections for one in done.claimed if one.row is not None)
    return replace(corrected, own_errors=rows), corrections


def corrigible(measured: Measured, calibration: Calibration) -> tuple[Measured, list[str]]:
    """The rows of engines that can be corrected, and why others cannot, one reason each.

    Raises
    ------
    SpecError
        There are rows of speed, and of no engine enough that agree.
    """
    speeds = measured.of_kinds(SPEEDS)
    refused: dict[int, str] = {}
    for (cell, place), index in _cells(speeds.questions, calibration):
        own = _take(speeds, index)
        try:
            _check((*cell, place), log_slowness(own, _of_no_version(calibration, cell)))
        except SpecError as error:
            refused |= dict.fromkeys(index, str(error))
    reasons = list(dict.fromkeys(refused.values()))
    if refused and len(refused) == len(speeds.questions):
        raise SpecError("; ".join(reasons))
    return speeds.where(row not in refused for row in range(len(speeds.questions))), reasons


def _of_no_version(calibration: Calibration, cell: Cell) -> Calibration:
    """Without what versions of the engine add to its constants."""
    kept = tuple(
        row
        for row in calibration.deviations
        if row.scope != "version" or (row.engine, row.kind) != cell
    )
    return replace(calibration, deviations=kept)


def log_slowness(measured: Measured, calibration: Calibration) -> Floats:
    """log(measured time / predicted time) of each row, shape (n,); rates are inverse times."""
    predicted = np.array(own_values(measured.questions, calibration))
    pairs = zip(measured.questions, measured.values, strict=True)
    own = np.array([value * divisor(question) for question, value in pairs])
    sign = np.array([-1.0 if q.row.kind == "throughput" else 1.0 for q in measured.questions])
    return np.asarray(sign * np.log(own / predicted))


def _cells(
    questions: Sequence[Question], calibration: Calibration
) -> list[tuple[tuple[Cell, str], list[int]]]:
    """Rows by engine and kind of model; those on silicon that was never fitted apart, after."""
    keyed = [(_cell(question, calibration), index) for index, question in enumerate(questions)]
    ordered = sorted(keyed)
    return [
        (cell, [index for _, index in group])
        for cell, group in groupby(ordered, key=lambda pair: pair[0])
    ]


def _cell(question: Question, calibration: Calibration) -> tuple[Cell, str]:
    place = silicon(question.scenario.accelerator)
    cell = (question.scenario.cell, kind_of(question.scenario))
    return cell, "" if fitted_silicon(calibration, place) else place


def _take(measured: Measured, index: list[int]) -> Measured:
    return Measured(
        tuple(measured.questions[position] for position in index),
        tuple(measured.values[position] for position in index),
    )


def _check(cell: tuple[str, ...], slower: Floats) -> None:
    """Refuse rows that are too few, contradict each other, or are of something else."""
    name = " ".join(part for part in cell if part)
    if len(slower) < FEWEST_ROWS:
        raise SpecError(f"{name}: {counted(len(slower), 'row')}; at least {FEWEST_ROWS} are needed")
    middle = float(np.median(slower))
    spread = float(np.median(np.abs(slower - middle)))
    if spread > LARGEST_SPREAD:
        raise SpecError(
            f"{name}: rows contradict each other: half of them are off by more than a factor"
            f" {np.exp(spread):.2f} from their median; check units, lengths and layout"
        )
    if abs(middle) > np.log(LARGEST_FACTOR):
        raise SpecError(
            f"{name}: measured times are {np.exp(middle):.3g} times the predicted ones;"
            " check units, lengths, accelerators and layout"
        )


def _scaled_to(
    own: Measured, calibration: Calibration, cell: Cell, place: str, *, source: str
) -> Calibration:
    """The calibration with the constants of an engine, on silicon that was never fitted those of
    that silicon alone, scaled to the median of these rows.
    """
    if place:
        return scaled_on_silicon(
            calibration,
            engine=cell[0],
            kind=cell[1],
            silicon=place,
            slowness=partial(log_slowness, own),
            rows=len(own.questions),
            source=source,
        )
    before = log_slowness(own, calibration)
    plain = scale = float(np.exp(np.median(before)))
    for _ in range(MOST_ROUNDS):
        scaled = _scaled(calibration, cell, scale, rows=len(before), note="", source=source)
        after = log_slowness(own, scaled)
        middle = float(np.median(after))
        further = float(np.clip(scale * np.exp(middle), plain / FURTHEST, plain * FURTHEST))
        if abs(middle) < CLOSE or further == scale:
            break
        scale = further
    note = times_in_words(float(np.exp(np.median(before - after))))
    return _scaled(calibration, cell, scale, rows=len(before), note=note, source=source)


def _scaled(
    calibration: Calibration, cell: Cell, factor: float, *, rows: int, note: str, source: str
) -> Calibration:
    engine, kind = cell
    base = calibration.constants(engine=engine, kind=kind)
    changed: dict[str, object] = {"engine": engine, "rows": rows, "source": source, "note": note}
    for name in (*COMPUTE_SHARES, *BANDWIDTH_SHARES):
        changed[name] = getattr(base, name) / factor
    for name in ALL_OVERHEADS:
        changed[name] = getattr(base, name) * factor
    row: StepConstants = base.model_copy(update=changed)
    others = tuple(
        other for other in calibration.step_constants if (other.engine, other.kind) != cell
    )
    return replace(calibration, step_constants=(*others, row))


def _percent(slower: Floats) -> float:
    return 100 * float(np.median(np.abs(np.expm1(-slower))))
