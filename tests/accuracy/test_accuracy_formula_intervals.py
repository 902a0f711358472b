"""Intervals of memory and power: ranks of errors, each row judged by the others of its group."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.calibration import FOLDER
from recommender.accuracy.fit.formula_tables import ends_of, formula_rows, formula_scores

FAR_OFF = math.log(4.0)


def test_ends_are_ranks_by_hand():
    """99 errors: ranks 0.05 * 100 = 5 and 95. Nine: 0.5 is no rank, 9.5 is more than there are."""
    assert ends_of(np.arange(1.0, 100.0)[::-1]).tolist() == [5.0, 95.0]
    assert ends_of(np.arange(1.0, 10.0)).tolist() == [1.0, 9.0]
    assert ends_of(np.array([0.3])).tolist() == [0.3, 0.3]


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=120))
def test_nine_of_ten_of_the_rows_themselves_are_inside(errors):
    """floor(n - rank) of each side lie outside: at most 0.05 * (n + 1) - 1 below, as many above."""
    own = np.array(errors)
    low, high = ends_of(own)
    outside = ((own < low) | (own > high)).sum()
    assert outside <= max(2 * (0.05 * (len(own) + 1) - 1), 0) + 1e-9
    wider = ends_of(2.0 * own)
    assert wider == pytest.approx(2.0 * np.array([low, high]))


def test_groups_of_twenty_rows_have_ends_of_their_own():
    errors = [("kv", ("a x", "a"), 0.01 * row) for row in range(20)]
    errors += [("kv", ("b",), 1.0)] * 19
    rows = {row["engine"]: row for row in formula_rows(errors) if row["basis"] == "calibrated"}
    assert set(rows) == {"*", "a", "a x"}
    assert (rows["a"]["high"], rows["*"]["high"], rows["*"]["rows"]) == (0.19, 1.0, 39)
    assert {row["basis"] for row in formula_rows(errors)} == {
        "calibrated", "transferred", "roofline",
    }  # fmt: skip


def test_a_row_does_not_widen_the_interval_that_judges_it():
    """One of 30 is four times off: it alone is outside, and the others expected 1.5/30 of 20."""
    errors = [("weights", (), 0.001 * (row % 5)) for row in range(29)]
    (score,) = formula_scores([*errors, ("weights", (), FAR_OFF)])
    assert (score["rows"], score["far"], score["far_outside"]) == (30, 1, 1)
    assert score["coverage_pct"] == pytest.approx(100 * 29 / 30, abs=0.05)
    assert 0.5 < score["far_expected"] < 2.0


def test_shipped_intervals_of_memory_and_power_hold_nine_of_ten():
    with (FOLDER / "interval_scores.csv").open(newline="") as file:
        scores = [row for row in csv.DictReader(file) if row["basis"] == "formula"]
    assert {"kv", "power", "weights"} <= {row["kind"] for row in scores}
    for row in scores:
        if int(row["rows"]) >= 20:
            assert 85 <= float(row["coverage_pct"]) <= 100, row
