"""Branch and bound with knapsack tables == enumeration == CP-SAT, SCIP and HiGHS."""

import pytest
from solver_programs import CBC_WRONG, brute_force, realistic, small

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import cpsat, exact_cover, mathopt_highs, mathopt_scip
from recommender.solvers.outcome import Status

PER_TEST = 50


@pytest.mark.parametrize("block", range(10))
def test_optimum_is_that_of_enumeration(block):
    for seed in range(block * PER_TEST, (block + 1) * PER_TEST):
        program = small(seed)
        outcome = exact_cover.solve(program, time_limit_s=20)
        best = brute_force(program)
        expected = Status.INFEASIBLE if best is None else Status.OPTIMAL
        assert (outcome.status, outcome.objective) == (expected, best), seed
        assert outcome.proof == ("exact:exact_cover",)


def agree(seeds: range) -> None:
    """exact_cover, CP-SAT, SCIP and HiGHS give one optimum (CP-SAT: none below it)."""
    for seed in seeds:
        program = realistic(seed)
        exact = exact_cover.solve(program, time_limit_s=20)
        others = [
            mathopt_scip.solve(program, time_limit_s=20),
            mathopt_highs.solve(program, time_limit_s=20),
        ]
        for other in others:
            assert (other.status, other.objective) == (exact.status, exact.objective), seed
        if exact.objective is not None:
            cost = {c.name: c.cost for c in program.columns}
            cheaper = Row("cheaper", cost, "<=", exact.objective - 1)
            below = Program(program.columns, (*program.rows, cheaper))
            assert cpsat.solve(below, time_limit_s=2).status in (
                Status.INFEASIBLE,
                Status.NOT_REACHED,
            ), seed


def test_all_methods_agree_at_realistic_magnitude():
    agree(range(60))


@pytest.mark.slow
def test_all_methods_agree_on_five_hundred_programs_at_realistic_magnitude():
    agree(range(60, 560))


def test_the_case_that_the_bundled_cbc_gets_wrong():
    outcome = exact_cover.solve(CBC_WRONG, time_limit_s=5)
    assert outcome.objective == 274 and outcome.values == {"x1": 1, "x2": 1}


def test_no_columns():
    nothing = Program((), (Row("demand[s]", {}, ">=", 1),))
    assert exact_cover.solve(nothing, time_limit_s=1).status is Status.INFEASIBLE
    assert exact_cover.solve(Program((), ()), time_limit_s=1).objective == 0


def test_negative_cost_is_outside_and_says_so():
    program = Program((Column("a", -1, 1),), ())
    outcome = exact_cover.solve(program, time_limit_s=1)
    assert outcome.status is Status.FAILED and "negative cost" in outcome.message


def test_numbers_beyond_64_bits_are_refused():
    program = Program((Column("a", 2**61, 9),), (Row("d", {"a": 1}, ">=", 5),))
    outcome = exact_cover.solve(program, time_limit_s=1)
    assert outcome.status is Status.FAILED and "64-bit" in outcome.message


def test_limit_returns_a_valid_bound():
    program = realistic(3)
    best = exact_cover.solve(program, time_limit_s=20).objective
    stopped = exact_cover.solve(program, time_limit_s=0.0)
    assert best is not None
    if stopped.status is not Status.OPTIMAL:
        assert stopped.bound is not None and stopped.bound <= best
        assert stopped.proof == ()
