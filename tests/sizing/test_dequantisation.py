"""Widening weights inside the kernel costs arithmetic, and nothing where nothing is widened."""

import numpy as np
import pytest

from recommender.sizing.dequantisation import widened


@pytest.mark.parametrize(
    ("stored", "computed", "cost"),
    [
        (16, 16, 1.0), (8, 8, 1.0), (4, 4, 1.0), (8.25, 8, 1.0), (4.5, 4, 1.0),  # native
        (8, 16, 1.03), (8.25, 16, 1.03), (4, 16, 1.06), (4.5, 16, 1.06), (4.25, 8, 1.06),
    ],
)  # fmt: skip
def test_measured_costs(stored, computed, cost):
    assert widened(stored_bits=stored, compute_bits=computed) == pytest.approx(cost)


def test_arrays_are_taken_one_by_one():
    found = widened(stored_bits=np.array([16.0, 8.0, 4.0]), compute_bits=np.full(3, 16.0))
    assert found == pytest.approx([1.0, 1.03, 1.06])
