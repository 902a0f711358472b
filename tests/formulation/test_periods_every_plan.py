"""Days of two periods against every plan, and against themselves."""

from dataclasses import replace
from itertools import product
from math import ceil

import pytest
from day_cases import (
    CLOUD,
    OWN,
    PRICES,
    RATES,
    SHARES,
    mean_cost,
    over_day,
    questions,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group, meets

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.periods_committed import is_searchable
from recommender.formulation.periods_incumbent import incumbent, point
from recommender.formulation.periods_program import program_over_day
from recommender.formulation.solve_periods import _together, solve_over_day
from recommender.formulation.solve_single_service import solve_single_service
from recommender.solvers.outcome import Status


def every_fleet(question: OverDay):
    service = question.service
    most = []
    for g in service.groups:
        need = 100.0 * (1 + service.headroom) + service.failures * 50.0
        n = ceil(need / g.requests_per_s)
        most.append(n if g.stock is None else min(n, g.stock))
    return product(*(range(m + 1) for m in most))


def brute_force(question: OverDay) -> float | None:
    """Least mean cost: every choice of committed groups, the cheapest elastic fleet per period."""
    service, groups = question.service, question.service.groups
    whole = sum(b.minutes for b in question.blocks)
    plans: dict[tuple, list[dict]] = {}
    for counts in every_fleet(question):
        plan = list(zip(groups, counts, strict=True))
        committed = tuple(n for g, n in plan if g.committed)
        for i, block in enumerate(question.blocks):
            at = replace(service, demand_per_s=block.demand_per_s, budget_usd_per_h=None)
            if meets(at, plan):
                types = frozenset(g.accelerator for g, n in plan if n)
                cost = sum(g.usd_per_h * n for g, n in plan)
                best = plans.setdefault(committed, [{} for _ in question.blocks])[i]
                best[types] = min(best.get(types, cost), cost)
    least = None
    for per_block in plans.values():
        for chosen in product(*(fleets.items() for fleets in per_block)):
            types = frozenset().union(*(types for types, _ in chosen))
            if service.max_types is not None and len(types) > service.max_types:
                continue
            cost = (
                sum(b.minutes * c for b, (_, c) in zip(question.blocks, chosen, strict=True))
                / whole
            )
            if service.budget_usd_per_h is not None and cost > service.budget_usd_per_h + 1e-9:
                continue
            least = cost if least is None else min(least, cost)
    return least


@settings(max_examples=60, deadline=None)
@given(questions())
def test_the_optimum_is_that_of_every_plan(question):
    solution = solve_over_day(question)
    found = solution.solution.outcome
    best = brute_force(question)
    if best is None:
        assert found.status is Status.INFEASIBLE
        return
    assert found.status is Status.OPTIMAL, found
    assert found.proof, "proven by an exact method"
    assert mean_cost(question, solution) == pytest.approx(best)


@settings(max_examples=40, deadline=None)
@given(questions(), st.integers(0, 1))
def test_alone_equals_together(question, failures):
    elastic = tuple(replace(g, committed=False) for g in question.service.groups)
    service = replace(question.service, groups=elastic, max_types=None, failures=failures)
    question = replace(question, service=service)
    assert question.decomposes
    alone, joint = solve_over_day(question), _together(question, None, 60.0)
    assert alone.solution.outcome.status == joint.solution.outcome.status
    if alone.solution.outcome.status is Status.OPTIMAL:
        assert mean_cost(question, alone) == pytest.approx(mean_cost(question, joint))
        for fleet, block in zip(joint.fleets, question.blocks, strict=True):
            plan = [(g, fleet.get(g.name, 0)) for g in elastic]
            at = replace(service, demand_per_s=block.demand_per_s, budget_usd_per_h=None)
            assert meets(at, plan)


@settings(max_examples=30, deadline=None)
@given(questions())
def test_pruning_changes_no_optimum(question):
    plain = replace(question, service=replace(question.service, prune=False))
    a, b = solve_over_day(question), solve_over_day(plain)
    assert a.solution.outcome.status == b.solution.outcome.status
    if a.solution.outcome.status is Status.OPTIMAL:
        assert mean_cost(question, a) == pytest.approx(mean_cost(plain, b))


@settings(max_examples=30, deadline=None)
@given(questions())
def test_a_flat_day_is_the_plan_without_periods(question):
    flat = replace(question, blocks=(Block("low", 100.0, 480), Block("high", 100.0, 960)))
    over, once = solve_over_day(flat), solve_single_service(question.service)
    assert over.solution.outcome.status == once.outcome.status
    if once.outcome.status is Status.OPTIMAL:
        cost = sum(once.groups[name].usd_per_h * n for name, n in once.counts.items())
        assert mean_cost(flat, over) == pytest.approx(cost)


@settings(max_examples=30, deadline=None)
@given(questions(), SHARES, SHARES)
def test_less_demand_in_a_period_never_costs_more(question, one, other):
    low, high = sorted((one, other))
    blocks = question.blocks
    less = replace(question, blocks=(replace(blocks[0], demand_per_s=low), blocks[1]))
    more = replace(question, blocks=(replace(blocks[0], demand_per_s=high), blocks[1]))
    a, b = solve_over_day(less), solve_over_day(more)
    if b.solution.outcome.status is Status.OPTIMAL:
        assert mean_cost(less, a) <= mean_cost(more, b) + 1e-9


@settings(max_examples=30, deadline=None)
@given(questions(), RATES, PRICES)
def test_a_reserved_offer_more_never_costs_more(question, rate, usd):
    extra = group("extra", rate, usd, committed=True, accelerator="x")
    wider = replace(
        question, service=replace(question.service, groups=(*question.service.groups, extra))
    )
    a, b = solve_over_day(question), solve_over_day(wider)
    if a.solution.outcome.status is Status.OPTIMAL:
        assert mean_cost(wider, b) <= mean_cost(question, a) + 1e-9


@settings(max_examples=20, deadline=None)
@given(questions(), st.permutations(range(3)))
def test_the_order_of_periods_changes_nothing(question, order):
    blocks = (*question.blocks, Block("third", 50.0, 120))
    mixed = replace(question, blocks=tuple(blocks[i] for i in order))
    a, b = solve_over_day(replace(question, blocks=blocks)), solve_over_day(mixed)
    assert a.solution.outcome.status == b.solution.outcome.status
    if a.solution.outcome.status is Status.OPTIMAL:
        assert mean_cost(mixed, b) == pytest.approx(mean_cost(replace(question, blocks=blocks), a))


def test_names_say_which_period_a_row_is_of():
    program = program_over_day(
        over_day([CLOUD, OWN], failures=1), objective="cost", spare=frozenset({"day"})
    )
    rows = {row.name for row in program.rows}
    assert "demand[service] in day" in rows
    assert any(name.startswith("spare[service,") and name.endswith("in day") for name in rows)
    assert {column.name for column in program.columns} >= {"own", "cloud in night"}


@settings(max_examples=30, deadline=None)
@given(questions())
def test_the_incumbent_is_a_plan_and_its_bound_holds(question):
    known = incumbent(question, solver=None, time_limit_s=10.0)
    best = solve_over_day(question).solution.outcome
    if best.status is Status.OPTIMAL:
        program = program_over_day(question, objective="cost")
        whole = sum(
            question.weight(b) * f.get(g.name, 0) * sized_price(g)
            for b, f in zip(question.blocks, solve_over_day(question).fleets, strict=True)
            for g in question.kept
        )
        assert known.bound <= whole
        values = None if known.fleets is None else point(question, program, known.fleets)
        assert values is None or program.objective(values) >= whole


def sized_price(g):
    return round(g.usd_per_h * 10_000)


def test_what_runs_out_of_time_has_a_plan_and_a_gap():
    # 24 periods that start nodes: more than two seconds can prove
    shares = [20 + 5 * ((7 * h) % 17) for h in range(24)]
    blocks = tuple(Block(f"{h}", float(s), 60) for h, s in enumerate(shares))
    kinds = [group(f"p{i}", 7.0 + 3 * i, 5.0 + 2.3 * i) for i in range(6)]
    question = over_day(kinds, blocks, start_up_min=10, failures=1)
    solution = solve_over_day(question, time_limit_s=2.0).solution
    assert solution.outcome.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert solution.gap is not None
    assert 0 <= solution.gap < 0.2
    assert solution.counts


@settings(max_examples=40, deadline=None)
@given(questions())
def test_searched_equals_together(question):
    if question.decomposes or not is_searchable(question):
        return
    searched, joint = solve_over_day(question), _together(question, None, 60.0)
    assert searched.solution.outcome.status == joint.solution.outcome.status
    if searched.solution.outcome.status is Status.OPTIMAL:
        assert searched.solution.outcome.proof
        assert mean_cost(question, searched) == pytest.approx(mean_cost(question, joint))
        assert searched.solution.outcome.objective == round(
            mean_cost(question, searched) * question.day * 10_000
        )
