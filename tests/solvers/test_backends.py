"""Every back end: one vocabulary, points re-checked in integers, failures typed."""

import pytest
from solver_programs import CBC_WRONG, brute_force, small

from recommender.errors import SolverError
from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import cpsat, mathopt, registry
from recommender.solvers.check import checked
from recommender.solvers.outcome import Status

SOLVERS = ["exact_cover", "scip", "highs", "cpsat"]
INFEASIBLE = Program((Column("a", 1, 3),), (Row("d", {"a": 1}, ">=", 4),))


@pytest.mark.parametrize("name", SOLVERS)
def test_regression_of_cbc(name):
    outcome = registry.get(name)(CBC_WRONG, time_limit_s=20)
    assert (outcome.status, outcome.objective, outcome.bound) == (Status.OPTIMAL, 274, 274)


@pytest.mark.parametrize("name", SOLVERS)
def test_infeasible_has_no_point(name):
    outcome = registry.get(name)(INFEASIBLE, time_limit_s=20)
    assert outcome.status is Status.INFEASIBLE and outcome.values == {}


@pytest.mark.parametrize("name", ["scip", "highs", "cpsat"])
def test_small_programs_equal_enumeration(name):
    solve = registry.get(name)
    for seed in range(60):
        program = small(seed)
        outcome = solve(program, time_limit_s=20)
        best = brute_force(program)
        expected = Status.INFEASIBLE if best is None else Status.OPTIMAL
        assert (outcome.status, outcome.objective) == (expected, best), seed


@pytest.mark.parametrize("name", ["scip", "highs", "cpsat"])
def test_numbers_that_a_solver_cannot_hold_are_a_failure(name):
    program = Program((Column("a", 2**60 + 1, 9),), (Row("d", {"a": 1}, ">=", 5),))
    assert registry.get(name)(program, time_limit_s=1).status is Status.FAILED


@pytest.mark.parametrize("odd", [3, 5])
def test_a_bound_beyond_exact_doubles_is_not_rounded_up(odd):
    """Doubles at 2^55 are 8 apart: 2^55 + 5 is stated as 2^55 + 8, which is above the optimum."""
    least = 2**55 + odd
    columns = (Column("x", least, 1), Column("y", least + 2, 1))
    program = Program(columns, (Row("d", {"x": 1, "y": 1}, ">=", 1),))
    outcome = cpsat.solve(program, time_limit_s=10)
    assert (outcome.status, outcome.objective, outcome.bound) == (Status.OPTIMAL, least, least)
    assert cpsat._integer_bound(float(least)) <= least
    assert cpsat._integer_bound(float(2**52 + odd)) == 2**52 + odd


@pytest.mark.parametrize("name", ["scip", "highs"])
def test_exception_of_a_solver_is_a_failure_with_its_message(name, monkeypatch):
    def crash(*_: object) -> None:
        raise RuntimeError("out of licences")

    monkeypatch.setattr(mathopt, "_run", crash)
    outcome = registry.load(name)(CBC_WRONG, time_limit_s=1)
    assert outcome.status is Status.FAILED and "out of licences" in outcome.message


def test_point_that_breaks_a_row_is_a_failure_that_names_it():
    outcome = checked(
        CBC_WRONG, {"x0": 1}, bound=96, optimal=True, solver="s", seconds=0.0, proof=("s",)
    )
    assert outcome.status is Status.FAILED and "demand[chat]" in outcome.message
    assert outcome.values == {} and outcome.proof == ()


def test_bound_above_the_point_is_a_failure():
    outcome = checked(
        CBC_WRONG, {"x5": 1}, bound=280, optimal=True, solver="s", seconds=0.0, proof=("s",)
    )
    assert outcome.status is Status.FAILED and "280" in outcome.message


def test_registry_lists_solvers_without_loading_them():
    assert set(registry.available()) >= {"exact_cover", "scip", "highs", "cpsat"}


@pytest.mark.parametrize("name", ["cbc", "", "SCIP"])
def test_unknown_solver_lists_the_known(name):
    with pytest.raises(SolverError, match="exact_cover, scip, highs, cpsat, pulp:NAME"):
        registry.get(name)


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(registry, "_installed", lambda package: package is None)
    with pytest.raises(SolverError, match="needs the package ortools"):
        registry.get("scip")
    assert registry.available() == ("exact_cover",)
