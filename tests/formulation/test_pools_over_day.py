"""Pools over a day that limits tie together: by hand, and by brute force over every plan."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pools import group

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import Block, OverDay
from recommender.formulation.pools_over_day import PoolsOverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_pools_over_day import (
    DayOfPools,
    _together,
    solve_pools_over_day,
)
from recommender.solvers.outcome import Status

NIGHT, DAY = Block("night", 50.0, 720), Block("day", 100.0, 720)
A = group("prefill A", 60.0, 10.0)
B = group("decode B", 50.0, 4.0)
C = group("decode C", 120.0, 9.0)


def asked(prefill, decode, *, start_up_min: int = 0, failures: int = 1, **limits) -> PoolsOverDay:
    def fleet(name: str, groups: list[FailureGroup]) -> OverDay:
        service = SingleService(
            groups=tuple(groups),
            demand_per_s=100.0,
            headroom=0.0,
            failures=failures,
            service=name,
            **limits,
        )
        return OverDay(service, (NIGHT, DAY), start_up_min, stated=1)

    return PoolsOverDay((fleet("prefill", prefill), fleet("decode", decode)))


def counts(found: DayOfPools) -> list[dict[str, int]]:
    """Group name -> how many run, per block, of both pools."""
    return [
        {g.name: n for fleets in found.over_day.values() for g, n in fleets[block]}
        for block in (0, 1)
    ]


def test_a_limit_on_nodes_holds_in_each_period_by_hand() -> None:
    # night, 50/s: 2 A, 2 B = 28;  day, 100/s: 3 A and, within five nodes, 2 C = 48
    question = asked([A], [B, C], max_nodes=5)
    assert question.decomposes
    found = solve_pools_over_day(question)
    assert counts(found) == [{"prefill A": 2, "decode B": 2}, {"prefill A": 3, "decode C": 2}]
    assert found.outcome.status is Status.OPTIMAL and found.solves == 2


def test_types_of_the_whole_day_tie_the_periods_by_hand() -> None:
    # two types for both pools and periods: A, and B or C all day: 28 + 42 against 38 + 48
    question = asked([A], [B, C], max_types=2, max_nodes=6)
    assert not question.decomposes
    found = solve_pools_over_day(question)
    assert counts(found) == [{"prefill A": 2, "decode B": 2}, {"prefill A": 3, "decode B": 3}]
    # within five nodes only C serves the day, so that it serves the night
    found = solve_pools_over_day(asked([A], [B, C], max_types=2, max_nodes=5))
    assert counts(found) == [{"prefill A": 2, "decode C": 2}, {"prefill A": 3, "decode C": 2}]


def test_nodes_that_start_in_one_pool_stand_beside_those_of_the_other_by_hand() -> None:
    # B at night and C by day stand beside each other before each: 3 A + 2 B + 2 C are 7 nodes
    free = solve_pools_over_day(asked([A], [B, C], start_up_min=1, max_nodes=7))
    cheapest = [{"prefill A": 2, "decode B": 2}, {"prefill A": 3, "decode B": 3}]
    assert counts(free) == cheapest
    tight = solve_pools_over_day(asked([A], [B, C], start_up_min=1, max_nodes=5))
    assert counts(tight) == [
        {"prefill A": 2, "decode C": 2},
        {"prefill A": 3, "decode C": 2},
    ]


def test_a_stock_is_shared_by_both_pools_all_day_by_hand() -> None:
    # four own nodes: two in prefill at most once decode keeps two; the rest is rented by day
    own = {"offer": "own", "stock": 4, "committed": True}
    mine = group("prefill own", 60.0, 1.0, **own), group("decode own", 120.0, 1.0, **own)
    found = solve_pools_over_day(asked([A, mine[0]], [C, mine[1]]))
    # by day prefill needs three and decode two: five own nodes would be 5 $/h, there are four
    night, day = counts(found)
    assert sum(n for name, n in day.items() if "own" in name) == 4
    assert {name: night[name] for name in night if "own" in name} == {
        name: day[name] for name in day if "own" in name
    }
    assert sum(night.values()) + sum(day.values()) == 9
    assert found.outcome.status is Status.OPTIMAL


def test_no_plan_within_the_limits_is_infeasible() -> None:
    for limits in ({"max_nodes": 4}, {"max_nodes": 4, "max_types": 2}):
        found = solve_pools_over_day(asked([A], [B, C], **limits))
        assert found.outcome.status is Status.INFEASIBLE and not found.over_day


@st.composite
def cases(draw) -> tuple[list[FailureGroup], list[FailureGroup], dict]:
    rate, price = st.sampled_from([40.0, 50.0, 60.0, 120.0]), st.integers(1, 9)
    own = {"offer": "own", "stock": draw(st.integers(1, 3)), "committed": True}

    def drawn(name: str, **changes) -> FailureGroup:
        return group(name, draw(rate), float(draw(price)), **changes)

    prefill, decode = [drawn("prefill A")], [drawn("decode B"), drawn("decode C")]
    if draw(st.booleans()):
        prefill.append(drawn("prefill O", **own))
        decode[1] = drawn("decode O", **own)
    limits = {
        "failures": draw(st.integers(0, 1)),
        "max_nodes": draw(st.sampled_from([None, 4, 5, 6])),
        "max_types": draw(st.sampled_from([None, 2])),
        "start_up_min": draw(st.sampled_from([0, 120])),
    }
    return prefill, decode, limits


def cost(groups: list[FailureGroup], night: dict, day: dict, start_up_min: int) -> float:
    """Mean cost of a day of two halves [$/h]."""
    running = sum(g.usd_per_h * (night[g.name] + day[g.name]) / 2 for g in groups)
    started = sum(g.usd_per_h * abs(day[g.name] - night[g.name]) for g in groups)
    return running + started * start_up_min / 1440


def carries(groups: list[FailureGroup], fleet: dict, demand: float, failures: int) -> bool:
    """Whether a pool carries the demand without its largest groups."""
    rates = sorted(rate for g in groups for rate in [g.requests_per_s] * fleet[g.name])
    return sum(rates[: len(rates) - failures]) >= demand


def shared(groups: list[FailureGroup], night: dict, day: dict, limits: dict) -> bool:
    """What both pools share."""
    at_once = [night, day]
    if limits["start_up_min"]:
        at_once.append({name: max(night[name], day[name]) for name in night})
    most = limits["max_nodes"]
    if most is not None and any(sum(fleet.values()) > most for fleet in at_once):
        return False
    own = [g for g in groups if g.stock is not None]
    if own and any(sum(fleet[g.name] for g in own) > (own[0].stock or 0) for fleet in at_once):
        return False
    types = {g.accelerator for g in groups if night[g.name] + day[g.name]}
    return limits["max_types"] is None or len(types) <= limits["max_types"]


def days_of(groups: list[FailureGroup], failures: int) -> list[tuple[dict, dict]]:
    """Every day of a pool with at most four groups of a kind that carries what is asked."""
    each = [
        [(n, n) for n in range(5)] if g.committed else list(product(range(5), repeat=2))
        for g in groups
    ]
    found = []
    for chosen in product(*each):
        night, day = (
            {g.name: pair[half] for g, pair in zip(groups, chosen, strict=True)} for half in (0, 1)
        )
        if carries(groups, night, 50.0, failures) and carries(groups, day, 100.0, failures):
            found.append((night, day))
    return found


def best_of_every_day(
    prefill: list[FailureGroup], decode: list[FailureGroup], limits: dict
) -> float | None:
    """Least mean cost over all days of both pools [$/h]."""
    groups = [*prefill, *decode]
    costs = [
        cost(groups, p_night | d_night, p_day | d_day, limits["start_up_min"])
        for p_night, p_day in days_of(prefill, limits["failures"])
        for d_night, d_day in days_of(decode, limits["failures"])
        if shared(groups, p_night | d_night, p_day | d_day, limits)
    ]
    return min(costs, default=None)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_the_best_of_every_plan(case) -> None:
    prefill, decode, limits = case
    groups, least = [*prefill, *decode], best_of_every_day(prefill, decode, limits)
    found = solve_pools_over_day(asked(prefill, decode, **limits))
    if least is None:
        assert found.outcome.status is Status.INFEASIBLE
        return
    assert found.outcome.status is Status.OPTIMAL
    night, day = ({g.name: c.get(g.name, 0) for g in groups} for c in counts(found))
    assert shared(groups, night, day, limits)
    for pool in (prefill, decode):
        assert carries(pool, night, 50.0, limits["failures"])
        assert carries(pool, day, 100.0, limits["failures"])
    assert cost(groups, night, day, limits["start_up_min"]) == pytest.approx(least)


@settings(max_examples=20, deadline=None)
@given(cases())
def test_periods_alone_and_together_cost_the_same(case) -> None:
    prefill, decode, limits = case
    elastic = (
        [replace(g, committed=False) for g in prefill],
        [replace(g, committed=False) for g in decode],
    )
    question = asked(*elastic, **limits | {"start_up_min": 0, "max_types": None})
    assert question.decomposes
    alone, together = solve_pools_over_day(question), _together(question, None, 1e12)
    assert alone.outcome.status is together.outcome.status
    if alone.over_day:
        groups = [*elastic[0], *elastic[1]]
        means = [
            cost(groups, *({g.name: c.get(g.name, 0) for g in groups} for c in counts(found)), 0)
            for found in (alone, together)
        ]
        assert means[0] == pytest.approx(means[1])
