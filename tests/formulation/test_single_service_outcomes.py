"""What solvers leave behind: proofs, points without one, failures, no time."""

from dataclasses import replace

import pytest
from single_service_cases import group

from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status


def open_second(monkeypatch, second: Outcome) -> None:
    """The first program is solved, every later one ends as told."""
    real, calls = prove.solve, []

    def solve(program, **more):
        calls.append(program)
        return real(program, **more) if len(calls) == 1 else second

    monkeypatch.setattr(prove, "solve", solve)


POWER_TOO = SingleService(
    groups=(group("n", 10, 1.0),), demand_per_s=100, failures=0, objectives=("cost", "power")
)


@pytest.mark.parametrize("solver", ["exact_cover", "scip", "highs", "cpsat"])
def test_every_solver_finds_the_same_plan(solver):
    groups = tuple(group(f"g{i}", 7.0 + 3 * i, 5.0 + 2 * i + i % 2) for i in range(5))
    question = SingleService(groups=groups, demand_per_s=60, failures=1)
    outcome = solve_single_service(question, solver=solver).outcome
    assert outcome.objective == solve_single_service(question).outcome.objective
    assert outcome.status is Status.OPTIMAL and prove.is_proven(outcome)


def test_no_time_is_no_answer_and_no_claim(monkeypatch):
    late = Outcome(Status.NOT_REACHED, bound=7, solver="late")
    monkeypatch.setattr(prove, "get", lambda name: lambda program, *, time_limit_s: late)
    question = SingleService(groups=(group("n", 10, 1.0),), demand_per_s=100)
    outcome = solve_single_service(question, solver="late").outcome
    assert (outcome.status, outcome.proof, outcome.values) == (Status.NOT_REACHED, (), {})
    assert outcome.bound is not None and outcome.bound >= 7


def test_point_without_proof_is_feasible_with_its_bound(monkeypatch):
    early = Outcome(Status.FEASIBLE, values={"n": 13}, objective=13, bound=10)  # in units of 1 $
    monkeypatch.setattr(prove, "get", lambda name: lambda program, *, time_limit_s: early)
    question = SingleService(groups=(group("n", 10, 1.0),), demand_per_s=100)
    solution = solve_single_service(question, solver="early")
    assert solution.outcome.status is Status.FEASIBLE and solution.outcome.proof == ()
    assert solution.counts == {"n": 13} and solution.outcome.bound == 120_000
    # the relaxation of theta = 10: max(120 / 10, (100 + 10) / 10) = 12 nodes of 1 $
    assert solution.gap == pytest.approx(1 / 13)


def test_failure_of_the_solver_is_named(monkeypatch):
    broken = Outcome(Status.FAILED, message="broken row demand[service]")
    monkeypatch.setattr(prove, "get", lambda name: lambda program, *, time_limit_s: broken)
    question = SingleService(groups=(group("n", 10, 1.0),), demand_per_s=100)
    outcome = solve_single_service(question, solver="bad").outcome
    assert outcome.status is Status.FAILED and "demand[service]" in outcome.message


@pytest.mark.parametrize(
    ("stated", "status"), [(1, Status.OPTIMAL), (2, Status.FEASIBLE), (None, Status.OPTIMAL)]
)
def test_an_objective_that_is_asked_for_and_not_reached_leaves_no_optimum(
    stated, status, monkeypatch
):
    """12 nodes carry 100/s with 20 % headroom; whether fewer watts do was not decided."""
    open_second(monkeypatch, Outcome(Status.NOT_REACHED))
    solution = solve_single_service(replace(POWER_TOO, stated=stated))
    assert solution.counts == {"n": 12} and solution.outcome.status is status
    assert bool(solution.outcome.proof) == (status is Status.OPTIMAL)
    assert solution.outcome.message == "power not minimised: not decided in time"


@pytest.mark.parametrize(
    ("stated", "status"), [(1, Status.OPTIMAL), (2, Status.FEASIBLE), (None, Status.FEASIBLE)]
)
def test_a_point_that_breaks_ties_unproven_is_taken_with_the_proof_of_the_first(
    stated, status, monkeypatch
):
    found = Outcome(Status.FEASIBLE, values={"n": 12}, objective=12_000, bound=0)
    open_second(monkeypatch, found)
    solution = solve_single_service(replace(POWER_TOO, stated=stated))
    assert solution.counts == {"n": 12} and solution.outcome.status is status
    assert bool(solution.outcome.proof) == (status is Status.OPTIMAL)
    assert solution.outcome.message.startswith("power not minimised: what was found in time is not")


@pytest.mark.parametrize(("first", "kept"), [(11, 11), (10, 11)])
def test_a_plan_that_time_ended_at_is_kept_as_it_is_where_it_survives(first, kept, monkeypatch):
    """100/s by nodes of 10/s, one of which may be lost: 11 survive, 10 do with one more. Both are
    optimal, as the spare row alone asks for 11."""
    question = replace(POWER_TOO, failures=1, headroom=0.0, objectives=("cost",))
    outcomes = [Outcome(Status.FEASIBLE, values={"n": first}, objective=1, bound=0)]
    late = Outcome(Status.NOT_REACHED)
    monkeypatch.setattr(
        prove, "solve", lambda program, **asked: outcomes.pop() if outcomes else late
    )
    solution = solve_single_service(question)
    assert solution.counts == {"n": kept} and solution.outcome.status is Status.OPTIMAL
