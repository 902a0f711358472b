"""Write errors.csv, spread.csv and interval_scores.csv from held-out errors.

interval_scores.csv says how the intervals would have fared on rows of folds that neither the sizes
nor the quantiles were taken from: coverage, median high/low, and rows off by more than three times
with those of them outside their interval and as many as were expected; by level and kind, and by
engine and accelerator.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.calibration import ANY_ENGINE
from recommender.accuracy.far_chance import FAR
from recommender.accuracy.fit.conformal import FEWEST_ROWS, Calibrated, calibrated
from recommender.accuracy.fit.error_samples import LevelSample
from recommender.accuracy.fit.error_table import (
    Claims,
    claims_of,
    measured_rows,
    slope_rows,
    speed_rows,
)
from recommender.accuracy.fit.far_rows import chances
from recommender.accuracy.fit.formula_tables import Errors, formula_rows, formula_scores
from recommender.accuracy.fit.tables import SOURCE, write_rows
from recommender.errors import SpecError
from recommender.performance.layout_table import Floats

FEWEST_SCORED = 30
"""Engines and accelerators with fewer rows have no score of their own."""


def write_errors(
    folder: Path,
    samples: Sequence[LevelSample],
    plan_samples: Sequence[LevelSample],
    formulas: Errors,
    *,
    day: datetime.date,
) -> None:
    """Write the three tables; samples are of the same rows with the errors of predictions and of
    plans, `formulas` the errors of memory and power.

    Raises
    ------
    SpecError
        Too few rows of every kind.
    """
    found = [
        (one, calibrated(one.sample, one.kind)) for one in samples if len(one.sample) >= FEWEST_ROWS
    ]
    planned = [
        calibrated(replace(one.sample, traits=((),) * len(one.sample)), one.kind)
        for one in plan_samples
        if len(one.sample) >= FEWEST_ROWS
    ]
    if not found:
        raise SpecError(f"no kind of quantity has {FEWEST_ROWS} held-out rows: too few to refit")
    common = {"source": SOURCE, "verification": "derived", "date": day.isoformat()}
    claims = claims_of(found, planned)
    rows = [*measured_rows(), *speed_rows(claims), *formula_rows(formulas)]
    write_rows(folder / "errors.csv", [{**row, **common, **row} for row in rows])
    write_rows(folder / "spread.csv", [{**row, **common} for row in slope_rows(found)])
    scores = [*interval_scores(found, claims), *formula_scores(formulas)]
    write_rows(folder / "interval_scores.csv", scores)


def interval_scores(
    found: Sequence[tuple[LevelSample, Calibrated]], claims: Claims
) -> Iterable[dict[str, object]]:
    """How the intervals of each level and kind fare, all together and by group."""
    for one, own in found:
        ends = own.ends * _widened(one, claims) + one.sample.reach
        chance = chances(one.sample)
        for group, rows in _groups(one).items():
            if group == ANY_ENGINE or rows.sum() >= FEWEST_SCORED:
                score = _score(one.sample.errors[rows], ends[rows])
                expected = {"far_expected": round(float(chance[rows].sum()), 1)}
                yield {"basis": one.level, "kind": one.kind, "group": group, **score, **expected}


def _widened(one: LevelSample, claims: Claims) -> Floats:
    """What the claims of surer levels make of each row's interval, shape (n, 2)."""
    factors = []
    for chain in one.sample.groups:
        names = [ANY_ENGINE, *chain]
        finest = next(n for n in reversed(names) if (one.level, one.kind, n) in claims)
        factors.append(claims[one.level, one.kind, finest].widened)
    return np.array(factors)


def _groups(one: LevelSample) -> Mapping[str, npt.NDArray[np.bool_]]:
    """All rows, by engine and kind of model, and by accelerator."""
    engines = np.array([groups[0] for groups in one.sample.groups])
    accelerators = np.array([question.scenario.accelerator.name for question in one.questions])
    return {
        ANY_ENGINE: np.ones(len(engines), dtype=bool),
        **{str(name): engines == name for name in sorted(set(engines))},
        **{str(name): accelerators == name for name in sorted(set(accelerators))},
    }


def _score(errors: Floats, ends: Floats) -> dict[str, object]:
    inside = (errors >= ends[:, 0]) & (errors <= ends[:, 1])
    far = np.abs(errors) > FAR
    return {
        "rows": len(errors),
        "coverage_pct": round(100 * float(inside.mean()), 1),
        "width": round(float(np.exp(np.median(ends[:, 1] - ends[:, 0]))), 2),
        "far": int(far.sum()),
        "far_outside": int((far & ~inside).sum()),
    }
