"""spare[s]:  sum_p min(rate[p], theta) * n[p]  >=  D + k * theta  for some theta."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.program.constraints.spare import own_theta, rate_after_worst_losses, spare
from recommender.program.row import Row

RATE = {"big": 80, "small": 40}


def test_row_is_the_equation_on_paper():
    row = spare("chat", rate=RATE, demand=100, failures=2, theta=50)
    # min(80, 50) = 50, min(40, 50) = 40; 100 + 2 * 50 = 200
    assert row == Row("spare[chat]", {"big": 50, "small": 40}, ">=", 200)


@pytest.mark.parametrize(
    ("big", "small", "met"),
    [
        (0, 3, False),  # one of three 40s gone:  80 < 100
        (0, 4, True),  #  one of four 40s gone:  120 >= 100
        (1, 2, False),  # the 80 gone:            80 < 100
        (1, 3, True),  #  the 80 gone:           120 >= 100
        (2, 0, False),  # one 80 gone:            80 < 100
        (2, 1, True),  #  one 80 gone: 80 + 40 = 120 >= 100
    ],
)
def test_some_theta_holds_exactly_when_the_plan_survives_its_worst_loss(big, small, met):
    counts = {"big": big, "small": small}
    rows = [spare("s", rate=RATE, demand=100, failures=1, theta=t) for t in RATE.values()]
    assert any(row.holds(counts) for row in rows) is met


def test_losing_everything_leaves_nothing():
    assert rate_after_worst_losses(rate=RATE, counts={"big": 2}, failures=3) == 0
    assert rate_after_worst_losses(rate=RATE, counts={}, failures=1) == 0


def test_losing_nothing_leaves_everything():
    assert rate_after_worst_losses(rate=RATE, counts={"big": 2, "small": 1}, failures=0) == 200


@given(
    rates=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    counts=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    failures=st.integers(0, 4),
)
def test_capacity_after_losses_is_what_killing_every_set_of_groups_leaves(rates, counts, failures):
    rate = {f"p{i}": r for i, r in enumerate(rates)}
    plan = dict(zip(rate, counts, strict=False))
    left = min(
        (
            sum(rate[p] * (plan[p] - killed[i]) for i, p in enumerate(rate))
            for killed in product(*(range(n + 1) for n in plan.values()))
            if sum(killed) <= failures
        ),
    )
    assert rate_after_worst_losses(rate=rate, counts=plan, failures=failures) == left


@given(
    rates=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    counts=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    failures=st.integers(1, 3),
    demand=st.integers(1, 120),
)
def test_theta_rows_are_exact(rates, counts, failures, demand):
    rate = {f"p{i}": r for i, r in enumerate(rates)}
    plan = dict(zip(rate, counts, strict=False))
    survives = rate_after_worst_losses(rate=rate, counts=plan, failures=failures) >= demand
    some = any(
        spare("s", rate=rate, demand=demand, failures=failures, theta=t).holds(plan) for t in rates
    )
    assert some is survives


def test_own_theta_rows_are_the_equations_on_paper():
    rate = {"big": 80, "mid": 50, "same": 50, "small": 40}
    assert list(own_theta("chat", rate=rate, failures=2, theta=50)) == [
        Row("larger[chat]", {"big": 1}, "<=", 2),
        Row("theta[chat]", {"mid": 1, "same": 1}, ">=", 1),
    ]


@given(
    rates=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    counts=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    failures=st.integers(1, 3),
    demand=st.integers(1, 120),
)
def test_every_surviving_plan_is_in_the_program_of_its_own_theta(rates, counts, failures, demand):
    rate = {f"p{i}": r for i, r in enumerate(rates)}
    plan = dict(zip(rate, counts, strict=False))
    if rate_after_worst_losses(rate=rate, counts=plan, failures=failures) < demand:
        return
    by_rate = sorted((rate[p] for p, n in plan.items() for _ in range(n)), reverse=True)
    theta = by_rate[failures]
    rows = [
        spare("s", rate=rate, demand=demand, failures=failures, theta=theta),
        *own_theta("s", rate=rate, failures=failures, theta=theta),
    ]
    assert all(row.holds(plan) for row in rows)


def test_replica_columns_would_promise_too_much():
    """Four replicas of 10/s share a node; D = 100, one node may fail."""
    eleven_replicas = spare("s", rate={"tp2": 10}, demand=100, failures=1, theta=10)
    assert eleven_replicas.holds({"tp2": 11})  # 11 * 10 >= 100 + 10: but a node takes four along
    node = {"node": 40}
    assert rate_after_worst_losses(rate=node, counts={"node": 3}, failures=1) == 80  # < 100
    by_node = spare("s", rate=node, demand=100, failures=1, theta=40)
    assert not by_node.holds({"node": 3})  # 120 < 100 + 40
    assert by_node.holds({"node": 4})  #      160 >= 140
