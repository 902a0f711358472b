"""Rows that compare rates, left out at first: the same optimum, from fewer columns."""

import sys
from dataclasses import replace

import pytest
from single_service_cases import group

from recommender.formulation.single_service import SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.solve_single_service import solve_single_service
from recommender.formulation.uncompared import compared, uncompared
from recommender.solvers.outcome import Outcome, Status

FULL = group("full", 30.0, 10.0, provider="a")
HALF = group("half", 15.0, 10.0, provider="a", offer="full")
"""The same node, half of it empty."""
OTHER = group("other", 30.0, 11.0, provider="b")
PLAIN = {"demand_per_s": 50.0, "headroom": 0.0, "failures": 0}


def question(**limits):
    return SingleService(groups=(FULL, HALF, OTHER), **PLAIN, **limits)


def test_a_limit_that_does_not_bind_costs_no_columns():
    """50/s on two full nodes: 50/60 in use, no less than 0.8. Half nodes are dominated then."""
    found = solve_single_service(question(min_utilisation=0.8))
    assert dict(found.counts) == {"full": 2} and found.outcome.status is Status.OPTIMAL
    assert [column.name for column in found.program.columns] == ["full"]
    assert "utilisation" in {row.name for row in found.program.rows}
    assert found.program.broken_rows(found.outcome.values) == []


def test_a_limit_that_binds_is_asked_for_with_all_columns():
    """At least 0.9 of what runs in use: 50 / (30 + 15 + ...) has to be 50 to 55.5: 15 + 15 + ...
    is 60 with four halves; 30 + 15 = 45 is too little: no plan. Of 44/s, one full and one half."""
    none = solve_single_service(question(min_utilisation=0.9))
    assert none.outcome.status is Status.INFEASIBLE
    less = replace(question(min_utilisation=0.9), demand_per_s=44.0)
    found = solve_single_service(less)
    assert dict(found.counts) == {"full": 1, "half": 1}
    assert {column.name for column in found.program.columns} == {"full", "half"}


def test_a_share_that_binds():
    """Two nodes of one seller are cheapest; half from each is one node dearer by 1 $/h."""
    assert dict(solve_single_service(question()).counts) == {"full": 2}
    found = solve_single_service(question(max_share={"provider": 0.5}))
    assert dict(found.counts) == {"full": 1, "other": 1}
    assert found.gap == 0.0


def test_what_is_infeasible_without_them_is_with_them():
    too_dear = question(min_utilisation=0.1, budget_usd_per_h=19.0)
    assert solve_single_service(too_dear).outcome.status is Status.INFEASIBLE


def test_nothing_follows_where_an_objective_may_be_given_up():
    """Least cost without the share is 20, with it 21. Of 5 % more than 20, 22 is too dear."""
    turns = question(max_share={"provider": 0.5}, objectives=("cost", "power"), tolerances=(0.05,))
    assert uncompared(turns) is None
    assert uncompared(replace(turns, tolerances=())) is not None
    assert uncompared(question()) is None


@pytest.mark.parametrize(("limit", "meets"), [(0.83, True), (0.84, False)])
def test_a_plan_is_taken_when_it_meets_the_rows(limit, meets):
    asked = question(min_utilisation=limit)
    found = solve_single_service(uncompared(asked))
    program = compared(asked, found.program, found.counts)
    assert (program is not None) is meets


@pytest.mark.parametrize(("limit", "kept"), [(0.83, True), (0.84, False)])
def test_a_plan_in_hand_is_kept_where_none_is_found_with_all_rows(monkeypatch, limit, kept):
    """The first solve ends with two full nodes, not proven; the second has no time for any."""
    asked = question(min_utilisation=limit)
    first = solve_single_service(uncompared(asked))
    begun = replace(first, outcome=replace(first.outcome, status=Status.FEASIBLE), gap=0.25)
    nothing = replace(
        first, counts={}, outcome=Outcome(Status.NOT_REACHED, "none"), gap=None, binding=()
    )
    ends = [begun, nothing]
    module = sys.modules[solve_single_service.__module__]
    monkeypatch.setattr(module, "_solve", lambda *_: ends.pop(0))
    found = solve_single_service(asked)
    assert dict(found.counts) == ({"full": 2} if kept else {})
    assert found.outcome.status is (Status.FEASIBLE if kept else Status.NOT_REACHED)
    assert found.gap == (0.25 if kept else None) and found.solves == 2 * first.solves


def test_the_bound_without_the_rows_holds_where_they_are_asked_for(monkeypatch):
    """Nothing is cheaper than 20 without the share, of which 10 % is open; 21 with it, open too:
    at least 18 of 21, so (21 - 18) / 21 may be gained."""
    asked = question(max_share={"provider": 0.5})
    first, second = solve_single_service(uncompared(asked)), solve_single_service(asked)
    ends = [
        replace(found, outcome=replace(found.outcome, status=Status.FEASIBLE), gap=gap)
        for found, gap in ((first, 0.1), (second, None))
    ]
    module = sys.modules[solve_single_service.__module__]
    monkeypatch.setattr(module, "_solve", lambda *_: ends.pop(0))
    found = solve_single_service(asked)
    assert dict(found.counts) == {"full": 1, "other": 1}
    assert found.gap == pytest.approx(3 / 21)


def test_rows_that_compare_have_no_columns_where_nothing_can_be_bought():
    """Of a period of a day, rates may be too small to count: a program without columns."""
    nothing = SingleService(
        groups=(group("tiny", 1e-9, 10.0),), demand_per_s=50.0, max_share={"provider": 0.5}
    )
    empty = program(nothing, objective="cost", theta=None)
    assert nothing.columns == [] and empty.columns == ()
    assert solve_single_service(nothing).outcome.status is Status.INFEASIBLE
