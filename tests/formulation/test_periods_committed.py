"""Days: what is claimed of one is what its fleets cost."""

from dataclasses import replace

import pytest
from day_cases import CLOUD, OWN, mean_cost, over_day
from single_service_cases import group

from recommender.formulation import periods_committed
from recommender.formulation.periods_committed import is_searchable
from recommender.formulation.periods_incumbent import (
    PROVEN_ROUND,
    Incumbent,
    incumbent,
    point,
)
from recommender.formulation.periods_program import program_over_day, useful_counts
from recommender.formulation.periods_search import Run
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import solve_over_day
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.program.canonical import PRICE_UNITS_PER_USD
from recommender.solvers.outcome import Status

DONE = (PROVEN_ROUND,)
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


def test_a_bound_above_a_plan_of_the_day_is_no_proof_of_it():
    """Two nodes at night, five by day, 10 $/h each; what claims that a day costs more is wrong."""
    question = over_day([CLOUD], max_types=1)
    fleets = {block: {"cloud": -(-int(block.demand_per_s) // 20)} for block in question.busy}
    program = program_over_day(question, objective="cost")
    cost = program.objective(point(question, program, fleets))
    run = Run(question, None, deadline=float("inf"))
    for bound in (cost - 1, cost):
        found = run.minimise("cost", at_peak=False, fixed=[], known=Incumbent(fleets, bound, DONE))
        assert (found.outcome.status, found.outcome.objective) == (Status.OPTIMAL, cost)
    with pytest.raises(AssertionError, match="below what periods alone claim"):
        run.minimise("cost", at_peak=False, fixed=[], known=Incumbent(fleets, cost + 1, DONE))


def test_a_plan_that_commits_to_nothing_is_known_where_it_is_best():
    """Reserved nodes at 9 $/h all day against rented ones at 10: by day 5 of them, 2 or 3 else."""
    reserved = group("reserved", 20.0, 9.0, committed=True)
    question = over_day([reserved, CLOUD], start_up_min=10)
    known = incumbent(question, solver=None, time_limit_s=10.0)
    assert {b.name: fleet["cloud"] for b, fleet in known.elastic.items()} == {
        "night": 2,
        "day": 5,
        "evening": 3,
    }
    program = program_over_day(question, objective="cost")
    costs = [
        program.objective(point(question, program, fleets))
        for fleets in (known.fleets, known.elastic)
    ]
    assert costs[1] < costs[0]  # five reserved ones, as many as any period takes, cost 45
    found = Run(question, None, deadline=0.0)._start("cost", known)
    assert found.outcome.objective == costs[1]
    assert (
        incumbent(replace(question, start_up_min=0), solver=None, time_limit_s=10.0).elastic is None
    )


@pytest.mark.parametrize(("failures", "rate", "enough"), [(0, 20, 6), (1, 20, 6), (2, 20, 7)])
def test_enough_of_a_kind_is_what_survives_without_any_other(failures, rate, enough):
    """100/s and headroom of 20 % on nodes of 20/s: six, of which one may be lost; seven for two.
    Another kind of 1/s on offer changes nothing: it could be the theta of hundreds of losses."""
    small = group("small", 1.0, 9.0)
    question = over_day(
        [group("own", float(rate), 2.0, committed=True), small], failures=failures, headroom=0.2
    )
    assert useful_counts(question, question.peak)["own"] == enough
