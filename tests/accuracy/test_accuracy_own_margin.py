"""The width of own runs' errors: ranks by hand, too few runs, repetitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.accuracy.fit.own_margin import (
    FEWEST_FOR_ENDS,
    FEWEST_RUNS,
    held_out,
    own_margin,
    slow_deviation,
)
from recommender.enumeration.confidence import confidence_factor

TENTHS = np.arange(1, 11) / 100
ERRORS = st.lists(st.floats(-0.5, 0.5), min_size=FEWEST_RUNS, max_size=30)


def test_ten_runs_by_hand():
    """Rank ceil(0.8 * 11) = 9: the ninth smallest, 0.09; over z = 0.6479: 0.1389."""
    margin = own_margin(TENTHS, range(10))
    assert margin.runs == 10
    assert margin.slow == pytest.approx(0.09 / 0.6479, rel=1e-3)
    assert confidence_factor(margin.slow, confidence=0.8) == pytest.approx(np.exp(0.09))
    assert margin.ends is None


@pytest.mark.parametrize(("runs", "rank", "share"), [(4, 4, 0.13), (FEWEST_RUNS, 9, 0.046)])
def test_how_often_a_margin_covers_less_than_six_of_ten_new_runs(runs, rank, share):
    """0.6^4 = 0.130; 10 * 0.6^9 * 0.4 + 0.6^10 = 0.0403 + 0.0060 = 0.046: errors drawn evenly from
    0 to 1, so that the margin is what it covers."""
    drawn = np.sort(np.random.default_rng(1).random((100_000, runs)), axis=1)
    slow = slow_deviation(drawn[0])
    assert slow == pytest.approx(drawn[0, rank - 1] / 0.6479, rel=1e-3)
    assert (drawn[:, rank - 1] < 0.6).mean() == pytest.approx(share, abs=0.004)


def test_nineteen_runs_by_hand():
    """Rank ceil(0.8 * 20) = 16; ends of rank floor(0.05 * 20) = 1: the extremes."""
    margin = own_margin(np.arange(-9, 10) / 100, range(19))
    assert margin.slow == pytest.approx(0.06 / 0.6479, rel=1e-3)
    assert margin.ends == pytest.approx((-0.09, 0.09))


@pytest.mark.parametrize("runs", [1, 4, FEWEST_RUNS - 1])
def test_too_few_runs_claim_nothing(runs):
    assert own_margin(np.full(runs, 0.01), range(runs)) is None


def test_no_ends_below_nineteen():
    assert own_margin(np.zeros(FEWEST_FOR_ENDS - 1), range(FEWEST_FOR_ENDS - 1)).ends is None
    assert own_margin(np.zeros(FEWEST_FOR_ENDS), range(FEWEST_FOR_ENDS)).ends is not None


def test_rows_of_one_run_are_one_and_the_furthest_stands_for_them():
    runs = [*range(10), 0, 0]
    margin = own_margin(np.concatenate([TENTHS, [0.5, 0.2]]), runs)
    assert margin.runs == 10
    assert margin.slow == own_margin(np.array([0.5, *TENTHS[1:]]), range(10)).slow
    assert own_margin(np.zeros(100), [i % 9 for i in range(100)]) is None


def test_runs_that_are_all_faster_than_predicted_claim_no_negative_error():
    assert own_margin(-TENTHS, range(10)).slow == 0.0


def test_held_out_by_hand():
    """Without a: median(0.3, 0.5) = 0.4; without b: median(0.1, 0.2) = 0.15."""
    found = held_out(np.array([0.1, 0.2, 0.3, 0.5]), ["a", "a", "b", "b"])
    assert found == pytest.approx([-0.3, -0.2, 0.15, 0.35])


def test_setups_that_differ_are_wider_than_their_rows_alone():
    """Two configurations, 20 % apart and each in itself exact: the difference is the error."""
    slower = np.repeat([0.0, 0.2], 10)
    by_setup = held_out(slower, np.repeat(["a", "b"], 10).tolist())
    assert own_margin(by_setup[10:], range(10)).slow * 0.6479 == pytest.approx(0.2, rel=1e-3)


def test_one_fold_is_compared_with_its_own_median():
    assert held_out(np.array([0.1, 0.2, 0.4]), ["a"] * 3) == pytest.approx([-0.1, 0.0, 0.2])


@given(ERRORS, st.integers(2, 4))
def test_the_same_errors_more_often_are_never_wider(errors, times):
    once = own_margin(np.array(errors), range(len(errors)))
    often = own_margin(np.tile(errors, times), range(times * len(errors)))
    assert often.slow <= once.slow + 1e-12


@given(ERRORS, st.floats(1.0, 3.0))
def test_larger_errors_are_wider(errors, factor):
    own = np.array(errors)
    assert own_margin(factor * own, range(len(own))).slow >= own_margin(own, range(len(own))).slow
