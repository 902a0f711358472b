"""Days with start-ups against every sequence of fleets."""

from dataclasses import replace
from itertools import product
from math import ceil

import pytest
from day_cases import (
    PRICES,
    SHARES,
    over_day,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group, meets

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.solve_periods import solve_over_day
from recommender.solvers.outcome import Status


@st.composite
def days_with_starts(draw):
    kinds = draw(st.integers(1, 2))
    groups = [
        group(
            f"p{i}",
            draw(st.sampled_from([25.0, 50.0, 100.0])),
            draw(PRICES),
            committed=draw(st.booleans()) and i == 0,
            stock=draw(st.sampled_from([None, 2, 3])),
            offer=draw(st.sampled_from(["one", f"own{i}"])),
        )
        for i in range(kinds)
    ]
    groups = [replace(g, stock=groups[0].stock) if g.offer == "one" else g for g in groups]
    groups = [replace(g, committed=groups[0].committed) if g.offer == "one" else g for g in groups]
    demands = [100.0, *(draw(SHARES) for _ in range(draw(st.integers(1, 2))))]
    lengths = draw(st.permutations([600, 780, 60]))
    blocks = tuple(Block(f"t{i}", d, lengths[i]) for i, d in enumerate(demands))
    limits = {
        "failures": draw(st.integers(0, 1)),
        "power_w": draw(st.sampled_from([None, 4000.0, 6000.0])),
    }
    start_up_min = draw(st.sampled_from([10, 60]))
    return over_day(groups, blocks, start_up_min=start_up_min, **limits)


def cost_with_starts(question: OverDay, fleets) -> float | None:
    """Mean cost of fleets in order; None where stock or power do not hold both during a change."""
    groups, service = question.service.groups, question.service
    usd = 0.0
    for i, (block, fleet) in enumerate(zip(question.blocks, fleets, strict=True)):
        both = [max(n, b) for n, b in zip(fleet, fleets[i - 1], strict=True)]
        if service.power_w is not None and sum(both) * 1000 > service.power_w:
            return None
        for offer in {g.offer for g in groups}:
            taken = sum(n for g, n in zip(groups, both, strict=True) if g.offer == offer)
            stock = next(g.stock for g in groups if g.offer == offer)
            if stock is not None and taken > stock:
                return None
        for g, n, b in zip(groups, fleet, fleets[i - 1], strict=True):
            usd += g.usd_per_h * n * block.minutes
            usd += 0 if g.committed else g.usd_per_h * max(n - b, 0) * question.start_up_min
    return usd / sum(block.minutes for block in question.blocks)


@settings(max_examples=60, deadline=None)
@given(days_with_starts())
def test_with_starts_the_optimum_is_that_of_every_sequence(question):
    service, groups = question.service, question.service.groups
    most = [ceil(100 / g.requests_per_s) + 1 for g in groups]
    choices = [
        [
            fleet
            for fleet in product(*(range(m + 1) for m in most))
            if meets(
                replace(service, demand_per_s=block.demand_per_s),
                list(zip(groups, fleet, strict=True)),
            )
        ]
        for block in question.blocks
    ]
    owned = [i for i, g in enumerate(groups) if g.committed]
    costs = [
        cost
        for fleets in product(*choices)
        if len({tuple(f[i] for i in owned) for f in fleets}) == 1
        and (cost := cost_with_starts(question, fleets)) is not None
    ]
    solution = solve_over_day(question)
    if not costs:
        assert solution.solution.outcome.status is Status.INFEASIBLE
        return
    assert solution.solution.outcome.status is Status.OPTIMAL
    found = [tuple(fleet.get(g.name, 0) for g in groups) for fleet in solution.fleets]
    assert cost_with_starts(question, found) == pytest.approx(min(costs))


@pytest.mark.parametrize(
    "limit",
    [{"stock": 2}, {"max_nodes": 2}, {"max_accelerators": 16}, {"power_w": 2000.0}],
    ids=lambda limit: next(iter(limit)),
)
@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize("also", [{}, {"budget_usd_per_h": 100.0}], ids=["rounds", "program"])
def test_what_runs_at_once_holds_while_nodes_start(limit, enough, also):
    """By day one large group at 10 $/h, by night one small at 1 $/h: two at once in between, for
    10 min each. Where only one may run at once, the large one runs all day, at 10 $/h. A budget
    ties the periods, so that one program holds the day."""
    limits = dict(limit if enough else {name: value // 2 for name, value in limit.items()})
    stock = limits.pop("stock", None)
    large = group("large", 100.0, 10.0, offer="one", stock=stock)
    small = group("small", 25.0, 1.0, offer="one", stock=stock)
    blocks = (Block("day", 100.0, 720), Block("night", 25.0, 720))
    question = over_day([large, small], blocks, start_up_min=10, **limits, **also)
    solution = solve_over_day(question)
    assert solution.solution.outcome.status is Status.OPTIMAL
    found = [tuple(fleet.get(name, 0) for name in ("large", "small")) for fleet in solution.fleets]
    assert found == ([(1, 0), (0, 1)] if enough else [(1, 0), (1, 0)])
    expected = (720 * 10 + 720 * 1 + 10 * 10 + 10 * 1) / 1440 if enough else 10.0
    assert cost_with_starts(question, found) == pytest.approx(expected)


@pytest.mark.parametrize(("budget", "feasible"), [(7.61, True), (7.60, False), (7.51, False)])
def test_the_budget_of_a_day_has_its_starts(budget, feasible):
    """(12 h at 10 $/h + 12 h at 5 $/h + starts of 10 min at 15 $/h) / 24 h = 7.6042 $/h; without
    starts it were 7.50, and the large group all day is 10."""
    large, small = group("large", 100.0, 10.0), group("small", 25.0, 5.0)
    blocks = (Block("day", 100.0, 720), Block("night", 25.0, 720))
    question = over_day([large, small], blocks, start_up_min=10, budget_usd_per_h=budget)
    status = solve_over_day(question).solution.outcome.status
    assert status is (Status.OPTIMAL if feasible else Status.INFEASIBLE)


@pytest.mark.parametrize(("cap", "feasible"), [(650.0, True), (649.0, False), (640.0, False)])
def test_the_cap_of_a_day_is_on_its_mean(cap, feasible):
    """12 h at 1000 g/h and 12 h at 300 g/h are 650 g/h."""
    large = group("large", 100.0, 10.0, carbon_g_per_h=1000.0)
    small = group("small", 25.0, 1.0, carbon_g_per_h=300.0)
    blocks = (Block("day", 100.0, 720), Block("night", 25.0, 720))
    question = over_day([large, small], blocks, carbon_g_per_h=cap)
    status = solve_over_day(question).solution.outcome.status
    assert status is (Status.OPTIMAL if feasible else Status.INFEASIBLE)
