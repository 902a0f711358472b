"""The time of one decision: what is left of it falls with the clock, and never below nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_market import SLO, WORKLOAD

from recommender.deadline import Deadline, OutOfTime, deadline_in
from recommender.decision.rates import Rates, Trust
from recommender.performance.step_law import StepLaw
from recommender.queueing import simulated_rate


class Clock:
    """Shows what it is set to [s]."""

    def __init__(self, shows=0.0):
        self.shows = shows

    def __call__(self):
        return self.shows


def test_what_is_left_is_the_limit_less_what_has_passed():
    clock = Clock(100.0)
    deadline = deadline_in(60.0, now=clock)
    assert (deadline.at_s, deadline.left_s, deadline.is_over) == (160.0, 60.0, False)
    clock.shows = 145.0
    assert deadline.left_s == 15.0  # 160 - 145
    deadline.check()
    clock.shows = 160.0
    assert deadline.left_s == 0.0 and deadline.is_over
    clock.shows = 1e9
    assert deadline.left_s == 0.0
    with pytest.raises(OutOfTime):
        deadline.check()


def test_shares_add_up_to_what_is_left():
    clock = Clock()
    whole = deadline_in(60.0, now=clock)
    first = whole.share(1 / 3)
    assert first.at_s == pytest.approx(20.0)
    clock.shows = 20.0
    assert whole.share(1 / 2).at_s == pytest.approx(40.0)  # half of the 40 s that are left
    clock.shows = 70.0
    assert whole.share(1 / 2).is_over


def test_loading_the_simulator_does_not_count():
    clock = Clock()
    deadline = deadline_in(60.0, now=clock)
    clock.shows = 8.0
    assert deadline.later(8.0).left_s == 60.0


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1))
def test_a_share_never_outlives_the_whole(limit_s, passed_s, share):
    clock = Clock()
    whole = deadline_in(limit_s, now=clock)
    clock.shows = passed_s
    assert 0.0 <= whole.share(share).left_s <= whole.left_s * (1 + 1e-9)
    assert whole.is_over == (whole.left_s == 0.0)
    assert Deadline(whole.at_s, clock) == whole


def test_a_search_that_the_deadline_ends_leaves_the_book_as_it_is(monkeypatch):
    """The time is up after two runs: the third is not begun, and the kind keeps its bound."""
    clock, simulate = Clock(), simulated_rate.simulate_workload

    def heard(*arguments, **more):
        clock.shows += 30.0
        return simulate(*arguments, **more)

    monkeypatch.setattr(simulated_rate, "simulate_workload", heard)
    law = StepLaw(
        a=5e-3, b=2e-5, g=1e-9, d=2e-5, q=0.0, max_batch=64.0, kv_tokens=1e5, chunk_tokens=512.0
    )
    rates = Rates(law.take(np.zeros(1, np.intp)), WORKLOAD, SLO, Trust.SIMULATED)
    bound = rates.rate.tolist()
    assert bound[0] > 0
    with pytest.raises(OutOfTime):
        rates.settle(0, deadline_in(60.0, now=clock))
    assert clock.shows == 60.0
    assert rates.rate.tolist() == bound and not rates.settled.any()
