"""Own rows that are faster than their hardware, in words: each one with what would be possible.

A time has to be at least, a rate at most, what every peak of the datasheet would make it
(`beyond_datasheet`). Such a row was not measured as it says: other units, fewer requests in flight
or more accelerators, another format, drafts, prompts that a cache held. A tenth beyond the bound
passes (`LEAST_EXCESS`): the line says both the bound and what passes.
"""

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.fit.beyond_datasheet import LEAST_EXCESS, RATES, datasheet_excess
from recommender.accuracy.fit.doubtful_rows import setting_in_words
from recommender.accuracy.fit.in_words import counted
from recommender.accuracy.fit.measured import Measured
from recommender.performance.layout_table import Floats

MOST_NAMED = 12


def impossible_rows(
    measured: Measured, calibration: Calibration
) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Which rows are impossible, shape (n,), and a line of each; of many, the furthest ones."""
    excess = datasheet_excess(measured.questions, measured.values, calibration)
    impossible = np.asarray(excess > LEAST_EXCESS)
    rows = np.flatnonzero(impossible)
    furthest = rows[np.argsort(-excess[rows], kind="stable")].tolist()
    named = [_line(measured, index, excess) for index in furthest[:MOST_NAMED]]
    if others := furthest[MOST_NAMED:]:
        named.append(f"{counted(len(others), 'more row')}: faster than the datasheet allows")
    return impossible, named


def _line(measured: Measured, index: int, excess: Floats) -> str:
    question, value = measured.questions[index], measured.values[index]
    times = float(excess[index])
    most = question.row.kind in RATES
    possible = value / times if most else value * times
    passed = possible * LEAST_EXCESS if most else possible / LEAST_EXCESS
    bound, up_to = ("most", "up to") if most else ("least", "down to")
    unit = question.row.unit
    return (
        f"1 row: {value:g} {unit} is impossible, the {bound} that the hardware's datasheet allows"
        f" is {_figure(possible)} {unit} ({up_to} {_figure(passed)} passes):"
        f" {setting_in_words(question)}"
    )


def _figure(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
