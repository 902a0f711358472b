"""Every worked problem reaches its known optimum, by brute force and by every solver."""

from itertools import product

import pytest

from problems.single_service import WorkedProblem, worked_problems
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.solve_single_service import solve_single_service
from recommender.solvers.outcome import Status
from recommender.solvers.registry import available

PROBLEMS = worked_problems()


def brute_force(problem: WorkedProblem) -> float | None:
    """Least cost over all counts up to what one kind alone would need, plus k."""
    question = problem.question
    groups, k = question.groups, question.failures
    need = question.demand_per_s * (1 + question.headroom)
    most = [int(need // g.requests_per_s) + 1 + k for g in groups]
    most = [m if g.stock is None else min(m, g.stock) for g, m in zip(groups, most, strict=True)]
    costs = [
        sum(n * g.usd_per_h for n, g in zip(counts, groups, strict=True))
        for counts in product(*(range(m + 1) for m in most))
        if feasible(problem, counts)
    ]
    return min(costs, default=None)


def feasible(problem: WorkedProblem, counts: tuple[int, ...]) -> bool:
    """Plain arithmetic: capacity, the worst k nodes killed, limits, models."""
    question, groups = problem.question, problem.question.groups
    bought = [g for n, g in zip(counts, groups, strict=True) for _ in range(n)]
    rates = sorted((g.requests_per_s for g in bought), reverse=True)
    cost, watts = sum(g.usd_per_h for g in bought), sum(g.nameplate_w for g in bought)
    types = len({g.accelerator for g in bought})
    return (
        sum(rates) >= question.demand_per_s * (1 + question.headroom) - 1e-9
        and sum(rates[question.failures :]) >= question.demand_per_s - 1e-9
        and (question.budget_usd_per_h is None or cost <= question.budget_usd_per_h)
        and (question.power_w is None or watts <= question.power_w)
        and (question.max_types is None or types <= question.max_types)
        and (not question.one_model or len({g.model for g in bought}) == 1)
        and mean_quality(bought) >= (question.least_mean_quality or 0.0)
    )


def mean_quality(bought: list[FailureGroup]) -> float:
    """Over requests, which go to nodes in proportion to their rates."""
    rate = sum(g.requests_per_s for g in bought)
    return sum(g.quality * g.requests_per_s for g in bought) / rate


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_the_known_optimum_is_that_of_brute_force(problem):
    assert brute_force(problem) == problem.optimum_usd_per_h


@pytest.mark.parametrize("solver", [None, *available()])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_every_solver_reaches_the_known_optimum(problem, solver):
    solution = solve_single_service(problem.question, solver=solver)
    if problem.optimum_usd_per_h is None:
        assert solution.outcome.status is Status.INFEASIBLE
        return
    cost = sum(solution.groups[name].usd_per_h * n for name, n in solution.counts.items())
    assert solution.outcome.status is Status.OPTIMAL
    assert cost == pytest.approx(problem.optimum_usd_per_h)
