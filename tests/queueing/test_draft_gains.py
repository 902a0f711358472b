"""Gains of steps with drafts: Leviathan's distribution, steps of a request by hand and drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.queueing.draft_gains import (
    ONE_TOKEN,
    Gains,
    draw_steps,
    probabilities,
    steps_of,
)

THREE = Gains(2.5, 4)


def test_one_draft_of_two_accepted_by_hand():
    """A = 1.5 = 1 + p: p = 1/2, a step gains 1 or 2.

    D(1) = 1.  D(2): 2 | 1+: mean 1.5, variance 1/4.  D(3): 2 steps but for 1+1 (1/4), then 3:
    mean 2.25, variance 3/16.
    """
    assert probabilities(Gains(1.5, 2)) == pytest.approx((0.5, 0.5))
    found = steps_of(np.array([0.0, 1.0, 2.0, 3.0]), Gains(1.5, 2))
    assert found.mean == pytest.approx([0.0, 1.0, 1.5, 2.25])
    assert found.variance == pytest.approx([0.0, 0.0, 0.25, 0.1875])
    assert found.fewest.tolist() == [0, 1, 1, 2]
    assert found.most.tolist() == [0, 1, 2, 3]


def test_three_drafts_have_the_acceptance_of_leviathan_equation_1():
    """1 + p + p^2 + p^3 = 2.5 for p = 0.6914: (1-p^4)/(1-p) = 0.77149/0.30859."""
    one, two, three, four = probabilities(THREE)
    p = 1 - one
    assert (1 - p**4) / (1 - p) == pytest.approx(2.5)
    assert (two, three, four) == pytest.approx((p * one, p * p * one, p**3))


@given(st.integers(1, 32), st.floats(0.0, 1.0))
def test_probabilities_have_the_stated_mean(drafts, share):
    gains = Gains(1.0 + share * drafts, drafts + 1)
    chances = np.array(probabilities(gains))
    assert chances.sum() == pytest.approx(1.0)
    assert chances @ np.arange(1, drafts + 2) == pytest.approx(gains.mean)


def test_certain_gains_take_whole_steps():
    tokens = np.array([0.0, 1.0, 4.0, 5.0, 100.0])
    for gains, expected in ((Gains(4.0, 4), [0, 1, 1, 2, 25]), (Gains(1.0, 4), tokens)):
        found = steps_of(tokens, gains)
        assert found.mean.tolist() == list(expected)
        assert not found.variance.any()
        assert draw_steps(tokens.astype(np.int64), gains, seed=0).tolist() == list(expected)
    assert steps_of(tokens, ONE_TOKEN).mean.tolist() == tokens.tolist()


@pytest.mark.parametrize(
    "tokens, ratio", [(20, 1.50), (50, 1.30), (100, 1.20), (200, 1.14), (400, 1.10)]
)
def test_drawn_steps_have_the_computed_moments_and_tail(tokens, ratio):
    """p99 of D over tokens/A, K = 3, A = 2.5; one step is 1/8 of it at 20 tokens, 1/160 at 400."""
    drawn = draw_steps(np.full(100_000, tokens), THREE, seed=3)
    found = steps_of(np.array([float(tokens)]), THREE)
    assert drawn.mean() == pytest.approx(found.mean[0], rel=0.003)
    assert drawn.var() == pytest.approx(found.variance[0], rel=0.03)
    assert np.quantile(drawn, 0.99) / (tokens / 2.5) == pytest.approx(ratio, abs=0.01)
    assert drawn.min() >= found.fewest[0] and drawn.max() <= found.most[0]


def test_long_outputs_follow_renewal_theory():
    """A further token takes 1/A steps in the mean, and adds Var[G]/A^3 to their variance."""
    found = steps_of(np.array([1000.0, 2000.0]), THREE)
    chances, values = np.array(probabilities(THREE)), np.arange(1, 5)
    spread = chances @ values**2 - 2.5**2
    assert np.diff(found.mean) == pytest.approx(1000 / 2.5)
    assert np.diff(found.variance) == pytest.approx(1000 * spread / 2.5**3)


def test_draws_are_those_of_the_seed():
    tokens = np.full(1000, 60)
    one, same, other = (draw_steps(tokens, THREE, seed=seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_no_step_gains_more_than_it_verifies():
    with pytest.raises(ValueError, match="cannot gain"):
        Gains(4.5, 4)
