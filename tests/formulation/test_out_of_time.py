"""What thousands of groups cost in time: nothing is begun when it is up, and bounds are quick."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from single_service_cases import group

from recommender.formulation.model_search import minimise_over_models
from recommender.formulation.periods import Block, OverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import solve_over_day
from recommender.formulation.solve_single_service import solve_single_service
from recommender.formulation.spare_search import AT_ONCE, one_row_bound
from recommender.program.canonical import PRICE_UNITS_PER_USD, RATE_UNITS_PER_DEMAND
from recommender.solvers.outcome import Status

MANY = tuple(group(f"g{n}", 1.0 + n % 37, 3.0 + n % 41, provider=f"p{n}") for n in range(1500))


def test_many_groups_are_not_stated_when_the_time_is_up() -> None:
    """A fleet of 1,500 kinds with shares of sellers: seconds of work, and none of it is begun."""
    asked = SingleService(groups=MANY, demand_per_s=100.0, max_share={"provider": 0.3})
    start = time.process_time()
    found = solve_single_service(asked, time_limit_s=0.0)
    assert found.outcome.status is Status.NOT_REACHED and not found.counts
    assert time.process_time() - start < 0.2
    blocks = (Block("day", 100.0, 720), Block("night", 30.0, 720))
    day = solve_over_day(OverDay(asked, blocks), time_limit_s=0.0)
    assert day.solution.outcome.status is Status.NOT_REACHED and day.fleets == ({}, {})


def test_models_that_time_did_not_suffice_for_count_in_the_bound() -> None:
    """None is looked at: whichever is chosen, 100/s at 2 $/h per request/s is the least of both,
    200 $/h."""
    both = tuple(replace(g, model="a" if n % 2 else "b") for n, g in enumerate(MANY[:AT_ONCE]))
    cheap = replace(group("best", 10.0, 20.0), model="b")
    dear = tuple(replace(g, usd_per_h=3.0 * g.requests_per_s) for g in both)
    asked = SingleService(groups=(*dear, cheap), demand_per_s=100.0, failures=0, one_model=True)
    found = minimise_over_models(asked, "cost", (), _never, deadline=0.0).outcome()
    assert found.status is Status.NOT_REACHED and not found.values
    assert found.bound == pytest.approx(200 * PRICE_UNITS_PER_USD)  # of the demand alone: D * 2


def _never(program: object, seconds: float) -> None:
    raise AssertionError("nothing is asked when the time is up")


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=12),
    st.integers(0, 3),
)
def test_the_bound_of_one_row_is_that_of_its_best_column(
    kinds: list[tuple[int, int]], failures: int
) -> None:
    groups = tuple(group(f"g{n}", float(rate), float(usd)) for n, (rate, usd) in enumerate(kinds))
    asked = SingleService(groups=groups, demand_per_s=50.0, failures=failures, prune=False)
    for theta in asked.thetas():
        need = RATE_UNITS_PER_DEMAND + failures * theta
        each = [-(-need * g.price // min(g.rate, theta)) for g in asked.columns]
        assert one_row_bound(asked, "cost", theta) == min(each)
