"""Every worked day reaches its known optimum, by brute force and by every solver."""

from itertools import product

import pytest

from problems.day import WorkedDay, worked_days
from recommender.formulation.solve_periods import solve_over_day
from recommender.solvers.outcome import Status
from recommender.solvers.registry import available

DAYS = worked_days()


def mean_cost(problem: WorkedDay, fleets) -> float:
    """Dollars per hour by plain arithmetic; `fleets`: per period, a count for every kind."""
    question = problem.question
    groups, blocks = question.service.groups, question.blocks
    minutes = sum(block.minutes for block in blocks)
    usd = 0.0
    for i, (block, fleet) in enumerate(zip(blocks, fleets, strict=True)):
        for g, n, before in zip(groups, fleet, fleets[i - 1], strict=True):
            usd += g.usd_per_h * n * block.minutes
            if not g.committed:
                usd += g.usd_per_h * max(n - before, 0) * question.start_up_min
    return usd / minutes


def carries(problem: WorkedDay, demand: float, fleet) -> bool:
    """The demand with headroom, and the bare one with the worst nodes gone."""
    service = problem.question.service
    rates = sorted(
        (g.requests_per_s for g, n in zip(service.groups, fleet, strict=True) for _ in range(n)),
        reverse=True,
    )
    left = sum(rates[service.failures :])
    return sum(rates) >= demand * (1 + service.headroom) - 1e-9 and left >= demand - 1e-9


def brute_force(problem: WorkedDay) -> float:
    """Least mean cost over every fleet of every period."""
    question, service = problem.question, problem.question.service
    most = []
    for g in service.groups:
        need = service.demand_per_s * (1 + service.headroom)
        enough = int(-(-need // g.requests_per_s)) + service.failures
        most.append(enough if g.stock is None else min(enough, g.stock))
    choices = [
        [
            fleet
            for fleet in product(*(range(m + 1) for m in most))
            if block.demand_per_s == 0 or carries(problem, block.demand_per_s, fleet)
        ]
        for block in question.blocks
    ]
    owned = [i for i, g in enumerate(service.groups) if g.committed]
    return min(
        mean_cost(problem, fleets)
        for fleets in product(*choices)
        if len({tuple(fleet[i] for i in owned) for fleet in fleets}) == 1
    )


@pytest.mark.parametrize("problem", DAYS, ids=lambda p: p.name)
def test_the_known_optimum_is_that_of_brute_force(problem):
    assert brute_force(problem) == pytest.approx(problem.optimum_usd_per_h)


@pytest.mark.parametrize("solver", [None, *available()])
@pytest.mark.parametrize("problem", DAYS, ids=lambda p: p.name)
def test_every_solver_reaches_the_known_optimum(problem, solver):
    found = solve_over_day(problem.question, solver=solver)
    assert found.solution.outcome.status is Status.OPTIMAL
    names = [g.name for g in problem.question.service.groups]
    fleets = [tuple(fleet.get(name, 0) for name in names) for fleet in found.fleets]
    assert mean_cost(problem, fleets) == pytest.approx(problem.optimum_usd_per_h)
