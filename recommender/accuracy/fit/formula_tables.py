"""Rows of errors.csv and interval_scores.csv for memory and power, which are formulas.

    low, high = the errors of rank floor(0.05 * (n + 1)) and ceil(0.95 * (n + 1)), from 1 to n

of log(measured / predicted), by kind, and by group where it has enough rows: with these ranks an
interval holds nine of ten rows that are like the n (split conformal prediction; quantiles between
two errors hold fewer of small groups). Scores are of every row against the ends of all others.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from catalog.calibration import ANY_ENGINE
from recommender.accuracy.error_kind import error_kind
from recommender.accuracy.far_chance import FAR, far_chance
from recommender.accuracy.fit.error_row import error_row
from recommender.accuracy.interval import error_engines
from recommender.accuracy.question import Question
from recommender.performance.layout_table import Floats

FEWEST_ROWS = 20
"""A group counts from this many rows on."""
LOW, HIGH = 0.05, 0.95
BASES = ("calibrated", "transferred", "roofline")

Errors = list[tuple[str, tuple[str, ...], float]]
"""(kind, groups, log(measured / predicted)), the narrowest group first."""


def labelled(questions: Sequence[Question], errors: Floats, keep: npt.NDArray[np.bool_]) -> Errors:
    """Errors with the labels that intervals are looked up by."""
    return [
        (error_kind(question), error_engines(question), float(error))
        for question, error, use in zip(questions, errors, keep, strict=True)
        if use and np.isfinite(error)
    ]


def formula_rows(errors: Errors) -> Iterable[dict[str, object]]:
    """Rows of errors.csv, alike for every basis."""
    groups = _grouped(errors)
    for basis in BASES:
        for (kind, group), rows in groups.items():
            own = _of(errors, rows)
            far = int((np.abs(own) > FAR).sum())
            yield {**error_row(basis, kind, group, ends_of(own), len(own)), "far": far}


def formula_scores(errors: Errors) -> Iterable[dict[str, object]]:
    """Rows of interval_scores.csv: how the intervals of each kind fare."""
    groups = _grouped(errors)
    for kind in sorted({kind for kind, _, _ in errors}):
        rows = groups[kind, ANY_ENGINE]
        if len(rows) > 1:
            yield {"basis": "formula", "kind": kind, "group": ANY_ENGINE} | _score(
                errors, rows, groups
            )


def ends_of(errors: Floats) -> Floats:
    """Low and high end for a row like these, shape (2,)."""
    ranked, count = np.sort(errors), len(errors)
    low = max(math.floor(LOW * (count + 1)), 1)
    high = min(math.ceil(HIGH * (count + 1)), count)
    return ranked[[low - 1, high - 1]]


def _score(
    errors: Errors, rows: Sequence[int], groups: Mapping[tuple[str, str], Sequence[int]]
) -> dict[str, object]:
    """Of the rows of a kind, each with the ends of the others of its group."""
    own, ends, chance = _of(errors, rows), [], []
    everywhere = int((np.abs(own) > FAR).sum())
    for row, error in zip(rows, own, strict=True):
        kind, names, _ = errors[row]
        like = next(groups[kind, n] for n in (*names, ANY_ENGINE) if (kind, n) in groups)
        others = _of(errors, [one for one in like if one != row])
        ends.append(ends_of(others))
        far = abs(error) > FAR
        counts = (everywhere - far, len(rows) - 1), (int((np.abs(others) > FAR).sum()), len(others))
        chance.append(far_chance(*counts))
    low, high = np.array(ends).T
    outside = (own < low) | (own > high)
    return {
        "rows": len(own),
        "coverage_pct": round(100 * float(1 - outside.mean()), 1),
        "width": round(float(np.exp(np.median(high - low))), 2),
        "far": everywhere,
        "far_outside": int(((np.abs(own) > FAR) & outside).sum()),
        "far_expected": round(sum(chance), 1),
    }


def _of(errors: Errors, rows: Sequence[int]) -> npt.NDArray[np.float64]:
    return np.array([errors[row][2] for row in rows])


def _grouped(errors: Errors) -> dict[tuple[str, str], list[int]]:
    """Positions by kind, all groups together and each that has enough rows."""
    groups: dict[tuple[str, str], list[int]] = {}
    for row, (kind, names, _) in enumerate(errors):
        for name in (ANY_ENGINE, *names):
            groups.setdefault((kind, name), []).append(row)
    return {
        key: own
        for key, own in sorted(groups.items())
        if key[1] == ANY_ENGINE or len(own) >= FEWEST_ROWS
    }
