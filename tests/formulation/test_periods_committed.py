"""Counts of committed groups: what is claimed of a day is what its fleets cost."""

from dataclasses import replace

import pytest
from day_cases import CLOUD, OWN, mean_cost, over_day
from single_service_cases import group

from recommender.formulation import periods_committed
from recommender.formulation.periods_committed import is_searchable
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import solve_over_day
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.program.canonical import PRICE_UNITS_PER_USD
from recommender.solvers.outcome import Status

DEAR = group("dear", 20.0, 11.0, nameplate_w=900.0)


def test_ties_that_ran_out_of_time_leave_the_fleets_that_the_optimum_rests_on(monkeypatch):
    """Two own nodes of 2 $/h and 20/s, a cloud of 10: by hand 2 x 2 + 10 (3 x 720 + 240) / 1440
    = 20.67 $/h. Out of time, the solve that breaks ties has a dearer fleet."""
    question = over_day([OWN, CLOUD, DEAR], objectives=("cost", "power"))
    assert is_searchable(question)

    def short_of_time(service: SingleService, **asked: object) -> Solution:
        if len(service.objectives) == 1:
            return solve_single_service(service)
        dear = tuple(g for g in service.groups if g.name != "cloud")
        found = solve_single_service(replace(service, groups=dear))
        return replace(found, outcome=replace(found.outcome, status=Status.FEASIBLE), gap=0.1)

    monkeypatch.setattr(periods_committed, "solve_single_service", short_of_time)
    solution = solve_over_day(question)
    outcome = solution.solution.outcome
    assert outcome.status is Status.OPTIMAL
    units = PRICE_UNITS_PER_USD * question.day
    assert outcome.objective == pytest.approx(units * mean_cost(question, solution), rel=1e-12)
    assert mean_cost(question, solution) == pytest.approx(4 + 10 * (3 * 720 + 240) / 1440)
