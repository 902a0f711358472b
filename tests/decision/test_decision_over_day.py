"""Lazy refinement over a day: every kind that runs at any hour is settled."""

import numpy as np
import pytest
from small_market import (
    SLO,
    WORKLOAD,
    Kind,
    Simulator,
    machine,
    market_of,
    offer,
    question,
    table_of,
)

import recommender.decision.rates as rates_module
import recommender.queueing.simulated_rate as simulation
from recommender.deadline import Deadline
from recommender.decision.day import Day
from recommender.decision.decider import Decider
from recommender.decision.decision import value_of
from recommender.decision.rates import Rates, Trust
from recommender.formulation.periods import Block
from recommender.request.profile import Period
from recommender.solvers.outcome import Status

BIG, SMALL = machine(0, 8), machine(1, 1)
NIGHT, NOON = Period(0, 720, 0.1), Period(720, 1440, 1.0)
DAY = Day((NIGHT, NOON), (Block("night", 1.0, 720), Block("noon", 10.0, 720)), (0, 1), 0)
KINDS = [
    Kind(0, 8, bound=10.0, true=10.0),  # carries noon
    Kind(1, 1, bound=1.0, true=0.9),  # looks right for the night, and is not
    Kind(1, 1, bound=0.95, true=0.95),
]
OFFERS = [(0, offer(0, BIG, 20.0)), (1, offer(1, SMALL, 3.0))]


def decider_of(monkeypatch, simulator):
    """Of kinds that enter with their bounds, and are simulated by this simulator."""
    bounds = np.asarray([k.bound for k in KINDS])
    monkeypatch.setattr(rates_module, "largest_rate", lambda *_, **__: bounds.copy())
    monkeypatch.setattr(simulation, "simulated_rate", simulator.simulated_rate)
    monkeypatch.setattr(simulation, "holds", simulator.holds)
    table = table_of([BIG, SMALL], KINDS)
    return Decider(table, Rates(table.law, WORKLOAD, SLO, Trust.SIMULATED))


@pytest.fixture
def decide(monkeypatch):
    def run(simulations=None, **changes):
        """The time is up after so many simulations."""
        simulator = Simulator(KINDS)
        deadline = None
        if simulations is not None:
            deadline = Deadline(1000.0 * simulations, now=lambda: 1000.0 * simulator.runs)
        decider = decider_of(monkeypatch, simulator)
        asked = question(day=DAY, **changes)
        found = decider.decide(market_of([BIG, SMALL], OFFERS), asked, deadline=deadline)
        return found, decider.rates

    return run


def test_kinds_of_the_night_are_settled_too(decide):
    found, rates = decide()
    used = {int(key) for fleet in found.fleets for group, _ in fleet for key in group.replicas}
    assert all(rates.settled[kind] for kind in used)
    # by night two small nodes of 0.95/s ($6) beat the big one; by day the big one ($20)
    night, noon = found.fleets
    assert [(group.offer, count) for group, count in night] == [("offer1", 2)]
    assert [(group.offer, count) for group, count in noon] == [("offer0", 1)]
    assert found.purchase == noon
    assert found.cost_usd_per_h == pytest.approx((6 + 20) / 2)


def test_values_are_means_or_those_of_the_busiest_moment(decide):
    found, _ = decide()
    assert value_of("cost", found) == pytest.approx(13.0)
    assert value_of("nodes", found) == 2.0
    assert value_of("accelerators", found) == 8.0
    assert found.mean(lambda group: group.nodes) == pytest.approx(1.5)
    assert {group.offer for group in found.kinds} == {"offer0", "offer1"}


def test_without_a_plan_there_are_no_fleets(decide):
    found, _ = decide(max_nodes=0)
    assert found.purchase == ()
    assert found.fleets == ()


def test_out_of_time_a_day_of_simulated_kinds_is_kept(decide):
    """In time only the big node is simulated: it runs by day and by night, 20 $/h, unproven."""
    found, rates = decide(simulations=1)
    assert rates.settled.tolist() == [True, False, False]
    assert found.solution.outcome.status is Status.FEASIBLE and found.solution.gap is None
    assert [[(g.offer, n) for g, n in fleet] for fleet in found.fleets] == [[("offer0", 1)]] * 2
    assert found.cost_usd_per_h == pytest.approx(20.0)
    assert "--time-limit" in found.solution.outcome.message


def test_out_of_time_before_anything_is_simulated_is_no_plan(decide):
    found, _ = decide(simulations=0)
    assert found.is_open and not found.fleets


def test_settling_for_a_question_ends_with_the_time_and_says_nothing(monkeypatch):
    """Kinds that were simulated in time keep their rates; there is no plan to be mistaken for."""
    simulator = Simulator(KINDS)
    decider = decider_of(monkeypatch, simulator)
    decider.settle_for(
        market_of([BIG, SMALL], OFFERS),
        question(day=DAY),
        allowed=lambda position: True,
        deadline=Deadline(1000.0, now=lambda: 1000.0 * simulator.runs),
        solver=None,
    )
    assert decider.rates.settled.tolist() == [True, False, False]


def test_an_interrupt_over_a_day_ends_it(decide, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Decider, "settle", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decide()
