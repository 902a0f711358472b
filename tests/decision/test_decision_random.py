"""Random small markets: deciding lazily loses nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_decision import decided, used
from small_market import (
    Kind,
    machine,
    offer,
    question,
)

machine_sizes = st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=3)


@st.composite
def markets(draw):
    """Machines, kinds (some spanning two nodes) and offers (some with stock)."""
    sizes = draw(machine_sizes)
    machines = [machine(i, size) for i, size in enumerate(sizes)]
    kinds = []
    for i, size in enumerate(sizes):
        for _ in range(draw(st.integers(1, 4))):
            replica = draw(st.sampled_from([s for s in (1, 2, 4, 8) if s <= size] + [2 * size]))
            true = draw(st.integers(0, 40)) / 4
            slack = draw(st.sampled_from([1.0, 1.0, 1.1, 1.5, 3.0]))
            loss = draw(st.sampled_from([0.0, 0.0, 0.5]))
            kinds.append(Kind(i, replica, max(true, 0.1) * slack, true, loss))
    offers = [
        (i, offer(n, machines[i], draw(st.integers(1, 60)) / 2, stock=draw(stocks)))
        for n, i in enumerate(
            draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=4))
        )
    ]
    return machines, kinds, offers


stocks = st.sampled_from([None, None, 0, 2, 6])
questions = st.builds(
    question,
    demand_per_s=st.integers(1, 60).map(float),
    headroom=st.sampled_from([0.0, 0.2]),
    failures=st.integers(0, 2),
    max_types=st.sampled_from([None, 1]),
    max_nodes=st.sampled_from([None, 12]),
    budget_usd_per_h=st.sampled_from([None, 90.0]),
    objective=st.sampled_from(["cost", "power", "accelerators"]),
    single=st.sampled_from([False, False, True]),
)


@settings(max_examples=120, deadline=None)
@given(market=markets(), asked=questions)
def test_laziness_loses_nothing(market, asked):
    """Same optimum as with every kind simulated beforehand, on settled kinds only."""
    with pytest.MonkeyPatch.context() as patch:
        lazy, rates, simulator = decided(patch, *market, asked)
    with pytest.MonkeyPatch.context() as patch:
        full, _, _ = decided(patch, *market, asked, settled_first=True)
    kinds = market[1]
    assert lazy.solution.outcome.status == full.solution.outcome.status
    assert lazy.solution.outcome.objective == full.solution.outcome.objective
    assert all(rates.settled[position] for position in used(lazy))
    assert all(rates.rate[position] == kinds[position].true for position in used(lazy))
    assert all(rates.rate[i] <= kind.bound for i, kind in enumerate(kinds))
    assert lazy.rounds <= 2 * len(kinds) + 1  # each round settles or lowers a kind
    assert len(simulator.settled) == len(set(simulator.settled))  # nothing is simulated twice
