"""Rows whose error hangs on a guess: their interval holds what it would hold, were that stated.

The errors of level `assumed` are those of rows that leave open their layout or lengths. Where the
row's own configuration is one of large errors, they may be the smaller ones.
"""

from collections.abc import Sequence

from catalog.calibration import Basis, BasisError, Calibration, OwnError
from recommender.accuracy.error_level import covered_level
from recommender.accuracy.interval import error_at, intervals
from recommender.accuracy.question import Question
from recommender.accuracy.room import room_reach
from recommender.accuracy.scenario_table import scenario_table

Ends = list[tuple[float, float]]


def no_surer_than_stated(
    questions: Sequence[Question],
    bases: Sequence[Basis],
    errors: Sequence[BasisError | OwnError | None],
    ends: Ends,
    calibration: Calibration,
) -> Ends:
    """The wider ends of both levels, for covered rows that are taken for `assumed`."""
    rows = [
        row
        for row, (basis, error) in enumerate(zip(bases, errors, strict=True))
        if basis == "calibrated" and isinstance(error, BasisError) and error.basis == "assumed"
    ]
    if not rows:
        return ends
    asked = [questions[row] for row in rows]
    table = scenario_table([question.scenario for question in asked], calibration)
    stated = [
        error_at(question, covered_level(question.scenario, calibration), calibration)
        for question in asked
    ]
    reach = room_reach(asked, table, calibration)
    wider = list(ends)
    for row, (low, high) in zip(
        rows, intervals(asked, stated, table, reach, calibration), strict=True
    ):
        wider[row] = min(low, ends[row][0]), max(high, ends[row][1])
    return wider
