"""start[p,t]:  n[p,t] - n[p,t-1] <= s[p,t]."""

from hypothesis import given
from hypothesis import strategies as st

from recommender.program.column import Column
from recommender.program.constraints.start_up import start, start_column, started
from recommender.program.row import Row

COUNT = st.integers(0, 20)


def test_row_and_column_are_the_equations_on_paper():
    row = start("h100", "day", now="h100 in day", before="h100 in night")
    coefficients = {"h100 in day": 1, "h100 in night": -1, "started[h100,day]": -1}
    assert row == Row("start[h100,day]", coefficients, "<=", 0)
    column = start_column("h100", "day", cost=7, upper=3)
    assert column == Column("started[h100,day]", 7, 3)


def test_without_anything_before_all_of_it_is_started():
    row = start("h100", "day", now="h100 in day", before=None)
    assert row.holds({"h100 in day": 2, "started[h100,day]": 2})
    assert not row.holds({"h100 in day": 2, "started[h100,day]": 1})


@given(now=COUNT, before=COUNT, starts=COUNT)
def test_it_holds_exactly_when_what_is_new_is_started(now, before, starts):
    row = start("p", "t", now="n", before="b")
    values = {"n": now, "b": before, started("p", "t"): starts}
    assert row.holds(values) is (starts >= now - before)
