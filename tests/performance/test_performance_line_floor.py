"""The line never promises a lone sequence less than the time to read the weights."""

import numpy as np
import pytest

from recommender.performance.linearise import _above_floor


def test_a_line_above_its_floor_is_left_alone():
    fixed, slope = _above_floor(
        np.array([10.0]), np.array([0.5]), high=np.array([64.0]), floor_s=np.array([9.0])
    )
    assert (fixed[0], slope[0]) == (10.0, 0.5)


def test_a_line_below_its_floor_is_turned_about_its_high_end():
    """2 + 1*9 = 11 at nine sequences; floor 5 at one: slope (11-5)/8 = 0.75, start 4.25."""
    fixed, slope = _above_floor(
        np.array([2.0]), np.array([1.0]), high=np.array([9.0]), floor_s=np.array([5.0])
    )
    assert (fixed[0], slope[0]) == pytest.approx((4.25, 0.75))
    assert fixed[0] + slope[0] * 9 == pytest.approx(11.0)


def test_a_floor_above_the_whole_line_leaves_no_negative_slope():
    fixed, slope = _above_floor(
        np.array([2.0]), np.array([0.1]), high=np.array([8.0]), floor_s=np.array([5.0])
    )
    assert (fixed[0], slope[0]) == (5.0, 0.0)
