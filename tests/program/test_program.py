"""min cost . x over integers 0 <= x <= upper and named rows."""

import pytest

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row

PROGRAM = Program(
    (Column("a", cost=3, upper=2), Column("b", cost=5, upper=9)),
    (Row("demand[chat]", {"a": 2, "b": 4}, ">=", 8), Row("pair", {"a": 1, "b": -1}, "==", 0)),
)


def test_objective_is_the_sum_of_costs():
    assert PROGRAM.objective({"a": 2, "b": 1}) == 11  # 2 * 3 + 5
    assert PROGRAM.objective({}) == 0


@pytest.mark.parametrize(
    ("point", "broken"),
    [
        ({"a": 2, "b": 2}, []),  #                        4 + 8 >= 8,  2 - 2 = 0
        ({"a": 1, "b": 1}, ["demand[chat]"]),  #          2 + 4 <  8
        ({"a": 2, "b": 1}, ["pair"]),  #                  4 + 4 >= 8,  2 - 1 = 1
        ({"a": 3, "b": 3}, ["bound[a]"]),  #              3 > 2
        ({"a": 0, "b": -1}, ["demand[chat]", "pair", "bound[b]"]),
    ],
)
def test_broken_rows_are_named(point, broken):
    assert PROGRAM.broken_rows(point) == broken
