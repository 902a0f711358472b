"""A day of periods: by hand, against every plan, and against itself."""

from dataclasses import replace
from itertools import product
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group, meets

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.periods_incumbent import incumbent, point
from recommender.formulation.periods_program import program_over_day
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import DaySolution, _together, solve_over_day
from recommender.formulation.solve_single_service import solve_single_service
from recommender.solvers.outcome import Status

NIGHT, DAY = Block("night", 40.0, 480), Block("day", 100.0, 720)
EVENING = Block("evening", 50.0, 240)
CLOUD = group("cloud", 20.0, 10.0)
OWN = group("own", 20.0, 2.0, stock=2, committed=True)
RESERVED = group("reserved", 20.0, 6.0, committed=True)


def over_day(groups, blocks=(NIGHT, DAY, EVENING), *, start_up_min=0, **limits):
    """N+0 without headroom unless changed."""
    plain = {"headroom": 0.0, "failures": 0}
    service = SingleService(groups=tuple(groups), demand_per_s=100.0, **(plain | limits))
    return OverDay(service, tuple(blocks), start_up_min)


def mean_cost(question: OverDay, solution: DaySolution) -> float:
    """Mean dollars per hour, by hand from the fleets."""
    cost = {g.name: g.usd_per_h for g in question.service.groups}
    minutes = sum(block.minutes for block in question.blocks)
    return (
        sum(
            block.minutes * sum(cost[name] * n for name, n in fleet.items())
            for block, fleet in zip(question.blocks, solution.fleets, strict=True)
        )
        / minutes
    )


def test_by_hand_elastic_nodes_are_paid_while_they_run():
    # night ceil(40/20) = 2, day 5, evening 3 nodes of $10: (8*20 + 12*50 + 4*30) / 24 = 36.67
    solution = solve_over_day(question := over_day([CLOUD]))
    assert solution.fleets == ({"cloud": 2}, {"cloud": 5}, {"cloud": 3})
    assert mean_cost(question, solution) == pytest.approx(880 / 24)
    assert solution.solution.outcome.status is Status.OPTIMAL
    assert solution.solution.outcome.proof


def test_by_hand_owned_nodes_run_around_the_clock_and_the_cloud_covers_the_rest():
    # 2 own nodes ($4/h): night 0, day 3, evening 1 rented: 4 + (12*30 + 4*10) / 24 = 20.67
    solution = solve_over_day(question := over_day([CLOUD, OWN]))
    assert solution.fleets == ({"own": 2}, {"cloud": 3, "own": 2}, {"cloud": 1, "own": 2})
    assert mean_cost(question, solution) == pytest.approx(4 + 400 / 24)


def test_by_hand_a_reservation_pays_for_what_runs_long_enough():
    # a node at $10 for x h of 24 against $6 for 24 h: it pays from 14.4 h a day.
    # nodes 1 and 2 run 24 h, node 3 runs 16 h (day, evening): reserved; 4 and 5 run 12 h: rented
    solution = solve_over_day(question := over_day([CLOUD, RESERVED]))
    assert solution.fleets[1] == {"cloud": 2, "reserved": 3}
    assert mean_cost(question, solution) == pytest.approx(3 * 6 + 2 * 10 * 12 / 24)


def test_a_period_without_demand_buys_nothing_by_the_hour():
    off = Block("off", 0.0, 480)
    solution = solve_over_day(question := over_day([CLOUD], (off, Block("on", 100.0, 960))))
    assert solution.fleets == ({}, {"cloud": 5})
    assert mean_cost(question, solution) == pytest.approx(50 * 16 / 24)
    both = solve_over_day(over_day([CLOUD, OWN], (off, Block("on", 100.0, 960))))
    assert both.fleets[0] == {"own": 2}  # it is there and paid


def test_the_budget_is_that_of_the_mean():
    assert solve_over_day(over_day([CLOUD], budget_usd_per_h=36.67)).fleets[1] == {"cloud": 5}
    for groups in ([CLOUD], [CLOUD, group("dear", 20.0, 30.0, committed=True, stock=1)]):
        tight = solve_over_day(over_day(groups, budget_usd_per_h=36.66))
        assert tight.solution.outcome.status is Status.INFEASIBLE
        assert tight.solution.outcome.proof
        assert not any(tight.fleets)


def test_losses_are_survived_in_every_period():
    # N+1: night 40 left without one node of 20 -> 3; day 6; evening 4
    solution = solve_over_day(over_day([CLOUD], failures=1))
    assert solution.fleets == ({"cloud": 3}, {"cloud": 6}, {"cloud": 4})


def test_types_are_counted_over_the_whole_day():
    big = group("big", 50.0, 22.0, accelerator="b")
    small = group("small", 20.0, 10.0, accelerator="s")
    free = solve_over_day(over_day([big, small]))
    assert {name for fleet in free.fleets for name in fleet} == {"big", "small"}
    one = solve_over_day(over_day([big, small], max_types=1))
    assert len({name for fleet in one.fleets for name in fleet}) == 1
    assert one.solution.outcome.proof


def test_utilisation_is_asked_for_at_the_peak_only():
    # 5 nodes of 20 carry 100: used in full at the peak, 2/5 at night with only committed nodes
    question = over_day([group("own", 20.0, 2.0, committed=True)], min_utilisation=1.0)
    assert solve_over_day(question).fleets[0] == {"own": 5}


def test_limits_at_once_hold_in_each_period():
    solution = solve_over_day(over_day([CLOUD, OWN], power_w=5000.0))
    assert solution.fleets[1] == {"cloud": 3, "own": 2}
    assert (
        solve_over_day(over_day([CLOUD, OWN], power_w=4999.0)).solution.outcome.status
        is Status.INFEASIBLE
    )


def test_power_is_that_of_the_busiest_moment_then_of_the_mean_then_cost():
    lean = group("lean", 20.0, 12.0, nameplate_w=900.0)
    question = over_day([CLOUD, lean, OWN], objectives=("power",))
    solution = solve_over_day(question)
    assert solution.fleets == ({"lean": 2}, {"lean": 5}, {"lean": 3})


def test_start_ups_are_paid_and_can_keep_a_node_running_through_a_dip():
    dip = (Block("a", 100.0, 600), Block("dip", 80.0, 60), Block("b", 100.0, 780))
    # without: 5 nodes but 4 for an hour: 50 - 10/24
    free = solve_over_day(question := over_day([CLOUD], dip, start_up_min=0))
    assert mean_cost(question, free) == pytest.approx(50 - 10 / 24)
    # a start of 2 h costs $20, an hour of running on $10
    kept = solve_over_day(over_day([CLOUD], dip, start_up_min=120))
    assert kept.fleets == ({"cloud": 5},) * 3
    # a start of half an hour costs $5: switched off
    off = solve_over_day(over_day([CLOUD], dip, start_up_min=30))
    assert off.fleets[1] == {"cloud": 4}
    # objective in price units x 30 min: (50 * 24 h - 10 + 5) * 2 * 10^4
    assert off.solution.outcome.objective == round((50 * 24 - 10 + 5) * 2 * 1e4)


def test_old_and_new_nodes_overlap_within_the_stock_while_a_period_is_prepared():
    # small is cheaper at night, big by day, on one stock of 3 nodes
    night, day = Block("night", 20.0, 720), Block("day", 60.0, 720)
    small = group("small", 20.0, 1.0, offer="o", stock=3)
    big = group("big", 60.0, 2.0, offer="o", stock=3)
    free = solve_over_day(over_day([small, big], (night, day)))
    assert free.fleets == ({"small": 1}, {"big": 1})
    tight = [replace(small, stock=1), replace(big, stock=1)]
    started = solve_over_day(over_day(tight, (night, day), start_up_min=10))
    assert started.fleets == ({"big": 1}, {"big": 1})  # no room for both


# ---- against every plan ----

RATES = st.sampled_from([10.0, 20.0, 25.0, 40.0, 50.0])
PRICES = st.integers(2, 40).map(float)
SHARES = st.sampled_from([20.0, 40.0, 50.0, 80.0, 100.0])


@st.composite
def questions(draw):
    kinds = draw(st.integers(1, 3))
    groups = [
        group(
            f"p{i}",
            draw(RATES),
            draw(PRICES),
            committed=draw(st.booleans()),
            accelerator=draw(st.sampled_from(["x", "y"])),
            stock=draw(st.sampled_from([None, 1, 3])),
        )
        for i in range(kinds)
    ]
    lengths = draw(st.sampled_from([(720, 720), (480, 960), (1440 - 60, 60)]))
    low = draw(SHARES)
    blocks = (Block("low", low, lengths[0]), Block("high", 100.0, lengths[1]))
    limits = {
        "failures": draw(st.integers(0, 1)),
        "headroom": draw(st.sampled_from([0.0, 0.2])),
        "max_types": draw(st.sampled_from([None, 1])),
        "budget_usd_per_h": draw(st.sampled_from([None, None, 60.0])),
    }
    return over_day(groups, blocks, **limits)


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


# ---- metamorphic ----


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
