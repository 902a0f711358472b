"""F_i(v) = least weight that covers v with the columns from i on."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.cover.levels import COST
from recommender.solvers.cover.problem import CoverProblem, read
from recommender.solvers.cover.table import INFINITE, Weights, build

COLUMNS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 7), st.integers(0, 6)), min_size=1, max_size=3
)


def problem(columns: list[tuple[int, int, int]], need: int) -> CoverProblem:
    """(cost, rate, upper) per column, one cover."""
    return read(
        Program(
            tuple(Column(f"c{i}", c, u) for i, (c, _, u) in enumerate(columns)),
            (Row("d", {f"c{i}": q for i, (_, q, _) in enumerate(columns)}, ">=", need),),
        )
    )


def cheapest(cover: CoverProblem, i: int, v: int) -> int:
    """By enumeration over the columns from i on."""
    rest = range(i, len(cover.names))
    costs = [
        sum(cover.cost[j] * x for j, x in zip(rest, point, strict=True))
        for point in product(*(range(cover.upper[j] + 1) for j in rest))
        if sum(-cover.rows[0][j] * x for j, x in zip(rest, point, strict=True)) >= v
    ]
    return min(costs, default=INFINITE)


@settings(max_examples=150, deadline=None)
@given(columns=COLUMNS, need=st.integers(1, 25))
def test_table_is_exact_for_one_row(columns, need):
    cover = problem(columns, need)
    table = build(cover, cover=0, scale=1, weights=COST)
    v = np.arange(need + 1)
    for i in range(len(cover.names) + 1):
        left = table.left(i, 1, False, v)
        assert left.tolist() == [cheapest(cover, i, int(x)) for x in v]


@settings(max_examples=100, deadline=None)
@given(columns=COLUMNS, need=st.integers(1, 25), scale=st.integers(2, 6))
def test_coarser_units_never_promise_too_much(columns, need, scale):
    cover = problem(columns, need)
    coarse = build(cover, cover=0, scale=scale, weights=COST)
    exact = build(cover, cover=0, scale=1, weights=COST)
    v = np.arange(need + 1)
    assert (coarse.left(0, 1, False, v) <= exact.left(0, 1, False, v)).all()


def test_weights_add_a_packing_row():
    cover = read(
        Program(
            (Column("a", 3, 9), Column("b", 5, 9)),
            (Row("d", {"a": 1, "b": 1}, ">=", 2), Row("watts", {"a": 10, "b": 1}, "<=", 15)),
        )
    )
    table = build(cover, cover=0, scale=1, weights=Weights(alpha=2, beta={1: 1}))
    # per piece a: 2 * 3 + 10 = 16, b: 2 * 5 + 1 = 11; two pieces: 22
    assert table.left(0, 1, False, np.array([2])).tolist() == [22]


@pytest.mark.parametrize(("types_allowed", "least"), [(1, 12), (2, 11)])
def test_table_counts_types(types_allowed, least):
    """Need 5: with one type 3 a's of 2 for 12 (or 2 b's of 3 for 14); with both, 4 + 7 = 11."""
    rows = (
        Row("d", {"a": 2, "b": 3}, ">=", 5),
        Row("uses[a]", {"a": 1, "A": -9}, "<=", 0),
        Row("uses[b]", {"b": 1, "B": -9}, "<=", 0),
        Row("variety", {"A": 1, "B": 1}, "<=", types_allowed),
    )
    columns = (Column("a", 4, 9), Column("b", 7, 9), Column("A", 0, 1), Column("B", 0, 1))
    cover = read(Program(columns, rows))
    table = build(cover, cover=0, scale=1, weights=COST)
    assert table.left(0, types_allowed, False, np.array([5])).tolist() == [least]


def test_sums_of_weights_below_0_stay_within_64_bits():
    """All copies of such a column are taken: four times -2^62 would come round to 0."""
    columns = tuple(Column(f"c{i}", 1, 2**20) for i in range(4))
    covered = Row("d", {c.name: 1 for c in columns}, ">=", 3)
    other = Row("m", {c.name: -1 for c in columns}, "<=", 0)
    cover = read(Program(columns, (covered, other)))
    with pytest.raises(OverflowError, match="beyond 64-bit"):
        build(cover, cover=0, scale=1, weights=Weights(alpha=0, beta={1: 2**42}))
