"""A multiplication is never faster in the wider of two formats."""

from types import SimpleNamespace

import numpy as np
import pytest

from recommender.performance.step_time import format_share


@pytest.mark.parametrize(
    ("eight", "sixteen"),
    [
        (0.8, 1.0),  # 8 bits reach 2 * 0.8 = 1.6 of what 16 bits do: 16 bits keep theirs
        (0.5, 1.0),  # just as fast
        (0.4, 0.8),  # 8 bits would reach 0.8: 16 bits are held to it
    ],
)
def test_sixteen_bits_are_held_to_what_eight_reach(eight, sixteen):
    stage = SimpleNamespace(compute_bits=np.array([16.0, 8.0, 4.0]))
    constants = SimpleNamespace(eight_bit_share=eight, four_bit_share=0.9)
    assert format_share(stage, constants) == pytest.approx([sixteen, eight, 0.9])
