"""demand[s]:  sum_p rate[p] * n[p]  >=  required[s]."""

import pytest

from recommender.program.constraints.demand import demand
from recommender.program.row import Row

RATE = {"h100": 6, "l4": 1}


def test_row_is_the_equation_on_paper():
    assert demand("chat", rate=RATE, required=20) == Row(
        "demand[chat]", {"h100": 6, "l4": 1}, ">=", 20
    )


@pytest.mark.parametrize(
    ("h100", "l4", "met"),
    [
        (3, 1, False),  # 3 * 6 + 1 = 19 <  20
        (3, 2, True),  #  3 * 6 + 2 = 20 >= 20
        (0, 19, False),  #       19 < 20
        (4, 0, True),  #  4 * 6     = 24 >= 20
    ],
)
def test_plan_meets_demand_exactly_when_its_rate_covers_what_is_required(h100, l4, met):
    assert demand("chat", rate=RATE, required=20).holds({"h100": h100, "l4": l4}) is met


def test_service_that_nothing_serves_is_infeasible_by_name():
    row = demand("orphan", rate={}, required=1)
    assert row.name == "demand[orphan]" and not row.holds({})


def test_groups_that_carry_nothing_are_left_out():
    assert demand("chat", rate={"a": 0, "b": 2}, required=1).coefficients == {"b": 2}
