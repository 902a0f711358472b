"""spare[s,t]:  sum_p min(rate[p], t) n[p] >= (D + k t) z[t],   sum_t z[t] >= 1."""

from hypothesis import given
from hypothesis import strategies as st

from recommender.program.column import Column
from recommender.program.constraints.spare import rate_after_worst_losses
from recommender.program.constraints.spare_choice import spare_choice, theta_columns
from recommender.program.row import Row

RATE = {"big": 80, "small": 40}


def test_rows_are_the_equations_on_paper():
    rows = list(spare_choice("prefill", rate=RATE, demand=100, failures=2))
    # theta 80: 100 + 2 * 80 = 260;  theta 40: big counts 40, 100 + 2 * 40 = 180
    assert rows == [
        Row("spare[prefill,80]", {"big": 80, "small": 40, "theta[prefill,80]": -260}, ">=", 0),
        Row("spare[prefill,40]", {"big": 40, "small": 40, "theta[prefill,40]": -180}, ">=", 0),
        Row("one_theta[prefill]", {"theta[prefill,80]": 1, "theta[prefill,40]": 1}, ">=", 1),
    ]


def test_columns_are_switches_without_cost_one_per_distinct_rate_above_zero():
    columns = theta_columns("s", rate={"a": 80, "b": 40, "c": 80, "none": 0})
    assert columns == [Column("theta[s,80]", 0, 1), Column("theta[s,40]", 0, 1)]


@given(
    rates=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    counts=st.lists(st.integers(0, 5), min_size=4, max_size=4),
    failures=st.integers(0, 3),
    demand=st.integers(1, 80),
)
def test_some_choice_of_theta_holds_exactly_when_the_fleet_survives(
    rates, counts, failures, demand
):
    rate = {f"p{i}": r for i, r in enumerate(rates)}
    plan = dict(zip(rate, counts, strict=False))
    rows = list(spare_choice("s", rate=rate, demand=demand, failures=failures))
    chosen = [
        all(row.holds({**plan, column.name: 1}) for row in rows)
        for column in theta_columns("s", rate=rate)
    ]
    left = rate_after_worst_losses(rate=rate, counts=plan, failures=failures)
    assert any(chosen) is (left >= demand)
