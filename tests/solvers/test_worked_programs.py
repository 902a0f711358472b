"""Every solver reaches the known optimum of every worked program."""

import pytest

from problems.program import load, names
from recommender.solvers import prove, registry
from recommender.solvers.outcome import Status

SOLVERS = ["exact_cover", "scip", "highs", "cpsat"]


@pytest.mark.parametrize("name", names())
def test_stated_plan_is_feasible_and_has_the_stated_optimum(name):
    worked = load(name)
    assert worked.program.broken_rows(worked.plan) == []
    assert worked.program.objective(worked.plan) == worked.optimum


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("solver", SOLVERS)
def test_solver_reaches_the_optimum(name, solver):
    worked = load(name)
    outcome = registry.get(solver)(worked.program, time_limit_s=20)
    assert (outcome.status, outcome.objective) == (Status.OPTIMAL, worked.optimum)


@pytest.mark.parametrize("name", names())
def test_optimum_is_proven(name):
    worked = load(name)
    outcome = prove.solve(worked.program)
    assert prove.is_proven(outcome) and outcome.objective == worked.optimum
