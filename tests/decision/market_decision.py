"""Decisions on a small market whose rates are given, in place of simulated ones."""

import numpy as np
from small_market import (
    SLO,
    WORKLOAD,
    Simulator,
    market_of,
    table_of,
)

import recommender.decision.rates as rates_module
import recommender.queueing.simulated_rate as simulation
from recommender.deadline import Deadline
from recommender.decision.decider import Decider
from recommender.decision.rates import Rates, Trust


def decided(
    monkeypatch, machines, kinds, offers, asked, *, settled_first=False, simulations=None, **more
):
    """The time is up after so many `simulations`; each takes as long as 1,000 s."""
    simulator = Simulator(kinds)
    if simulations is not None:
        more["deadline"] = Deadline(1000.0 * simulations, now=lambda: 1000.0 * simulator.runs)
    rate = [k.true if settled_first else k.bound for k in kinds]
    monkeypatch.setattr(
        rates_module, "largest_rate", lambda *_, **__: np.asarray(rate, dtype=float)
    )
    monkeypatch.setattr(simulation, "simulated_rate", simulator.simulated_rate)
    monkeypatch.setattr(simulation, "holds", simulator.holds)
    table = table_of(machines, kinds)
    trust = Trust.SAFE if settled_first else Trust.SIMULATED
    rates = Rates(table.law, WORKLOAD, SLO, trust)
    found = Decider(table, rates).decide(market_of(machines, offers), asked, **more)
    return found, rates, simulator


def used(decision):
    return {int(key) for group, _ in decision.purchase for key in group.replicas}
