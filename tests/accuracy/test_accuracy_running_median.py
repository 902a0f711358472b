"""Medians of streams: exact of few numbers, near enough of many, in little memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.accuracy.running_median import KEPT, RunningMedian


def running(values, block=1000):
    found = RunningMedian()
    for start in range(0, len(values), block):
        found.add(np.asarray(values[start : start + block], dtype=np.float64))
    return found


def test_by_hand():
    assert running([3.0, 1.0, 2.0]).median() == 2.0
    assert running([4.0, 1.0, 3.0, 2.0]).median() == 2.5
    with pytest.raises(ValueError, match="no number"):
        RunningMedian().median()


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=200), st.integers(1, 50))
def test_few_numbers_have_their_exact_median_in_whatever_blocks_they_come(values, block):
    assert running(values, block).median() == pytest.approx(np.median(values), rel=1e-12, abs=1e-12)


def test_it_is_exact_up_to_what_a_level_holds():
    values = np.random.default_rng(1).normal(size=2 * KEPT - 1).astype(np.float32)
    assert running(values).median() == np.median(values)


@pytest.mark.parametrize("order", ["drawn", "rising", "falling", "in turns"])
def test_of_many_the_rank_is_within_the_bound(order):
    """Half a million: 1 + log2(500000 / 8192) = 6.9 levels, 6.9 / (4 * 4096) = 0.042 %."""
    count = 500_000
    values = np.arange(count, dtype=np.float64)
    if order == "drawn":
        np.random.default_rng(2).shuffle(values)
    values = {"falling": values[::-1], "in turns": np.r_[values[::2], values[::-2]]}.get(
        order, values
    )
    found = running(values, block=4096)
    assert found.median() / count == pytest.approx(0.5, abs=0.00042)
    assert sum(map(len, found._levels)) <= 8 * 2 * KEPT


def test_equal_numbers_have_themselves_as_median():
    assert running(np.full(100_000, 0.25)).median() == 0.25
