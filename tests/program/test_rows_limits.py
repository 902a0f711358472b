"""stock, budget, power, accelerators, nodes:  sum_p a[p] * n[p]  <=  limit."""

import pytest

from recommender.program.constraints.accelerators import accelerators
from recommender.program.constraints.budget import budget
from recommender.program.constraints.nodes import nodes
from recommender.program.constraints.power import power
from recommender.program.constraints.stock import stock
from recommender.program.row import Row

EACH = {"a": 3, "b": 5}

ROWS = [
    (stock("hgx", nodes=EACH, available=11), "stock[hgx]"),
    (budget(price=EACH, limit=11), "budget"),
    (power(nameplate=EACH, limit=11), "power"),
    (accelerators(accelerators=EACH, limit=11), "accelerators"),
    (nodes(nodes=EACH, limit=11), "nodes"),
]


@pytest.mark.parametrize(("row", "name"), ROWS)
def test_row_is_the_equation_on_paper(row, name):
    assert row == Row(name, {"a": 3, "b": 5}, "<=", 11)


@pytest.mark.parametrize(("row", "name"), ROWS)
def test_one_unit_either_side_of_the_limit(row, name):
    assert row.holds({"a": 2, "b": 1})  #     2 * 3 + 5     = 11 <= 11
    assert not row.holds({"a": 4, "b": 0})  # 4 * 3         = 12 >  11
    assert row.holds({"a": 0, "b": 2})  #             2 * 5 = 10 <= 11


@pytest.mark.parametrize(("row", "name"), ROWS)
def test_buying_nothing_is_within_every_limit(row, name):
    assert row.holds({})


def test_zero_stock_allows_nothing():
    row = stock("sold out", nodes={"a": 1}, available=0)
    assert row.holds({}) and not row.holds({"a": 1})
