"""Non-dominated rows: no other row is at least as good everywhere and better somewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.fronts.dominance import nondominated

tables = st.integers(1, 4).flatmap(
    lambda axes: st.integers(0, 40).flatmap(
        lambda rows: arrays(np.int64, (rows, axes), elements=st.integers(0, 6))
    )
)
"""Few distinct values, so that ties and equal rows are common."""


def by_definition(points):
    """First of equal rows, and beaten by none: every pair is looked at."""
    rows = [tuple(row) for row in points.tolist()]
    return [
        i
        for i, row in enumerate(rows)
        if row not in rows[:i]
        and not any(
            other != row and all(a <= b for a, b in zip(other, row, strict=True)) for other in rows
        )
    ]


def test_on_paper():
    """(1, 5) and (2, 3) trade; (2, 4) loses to (2, 3); the second (1, 5) adds nothing."""
    points = np.array([[2, 4], [1, 5], [2, 3], [1, 5]])
    assert nondominated(points).tolist() == [1, 2]


def test_one_axis_keeps_the_least():
    assert nondominated(np.array([[3], [1], [2], [1]])).tolist() == [1]


def test_nothing_in_nothing_out():
    assert nondominated(np.empty((0, 4), dtype=np.int64)).tolist() == []


@given(tables)
def test_equals_the_definition(points):
    assert nondominated(points).tolist() == by_definition(points)


@given(tables, st.randoms())
def test_order_of_rows_does_not_matter(points, random):
    order = list(range(len(points)))
    random.shuffle(order)
    shuffled = points[order]
    assert {*map(tuple, points[nondominated(points)].tolist())} == {
        *map(tuple, shuffled[nondominated(shuffled)].tolist())
    }


@given(tables)
def test_the_front_of_the_front_is_itself(points):
    front = points[nondominated(points)]
    assert len(nondominated(front)) == len(front)


@given(tables)
def test_an_independent_library_agrees(points):
    moocore = pytest.importorskip("moocore")
    if len(points) == 0:
        return
    distinct = np.unique(points, axis=0).astype(float)
    oracle = distinct[moocore.is_nondominated(distinct)]
    ours = points[nondominated(points)]
    assert {*map(tuple, ours.tolist())} == {*map(tuple, oracle.astype(int).tolist())}
