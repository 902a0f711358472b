"""Batches that captured graphs are padded to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.sizing.captured_graphs import padded_rows


@pytest.mark.parametrize(
    ("sequences", "rows"),
    [
        (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (8, 8), (9, 16), (17, 24), (100, 104), (256, 256),
        (257, 272), (500, 512), (512, 512), (513, 513), (2000, 2000),
    ],
)  # fmt: skip
def test_the_next_captured_size(sequences, rows):
    """1, 2, 4, then 8, 16 .. 256, then 272, 288 .. 512; nothing is captured beyond."""
    assert padded_rows(np.array([float(sequences)])) == rows


def test_a_mean_batch_is_a_mixture_of_whole_ones():
    assert padded_rows(np.array([0.3, 16.4, 24.0])) == pytest.approx([1.0, 24.0, 24.0])


@given(st.floats(0.01, 600.0), st.floats(0.0, 50.0))
def test_more_sequences_are_no_fewer_rows_up_to_the_largest_graph(sequences, more):
    one, two = padded_rows(np.array([sequences, sequences + more]))
    assert one >= sequences
    assert one - sequences < 16.0 + 1e-6
    if sequences + more <= 512.0:
        assert two >= one
