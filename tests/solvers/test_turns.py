"""Turns: each method is asked to beat what is known; nothing that one found is lost."""

import time
from dataclasses import replace

from solver_programs import CBC_WRONG, brute_force, small

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.divided import divided, multiplied
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.turns import Turn, take_turns, turns_for

FOREVER = 1e12
OUT_OF_SCRIPT = Outcome(Status.FAILED, solver="exact_cover", message="not scripted")


def turns(*scripts: Outcome) -> tuple[Outcome, list[Program]]:
    """What scripted turns of a solver end in, and the programs that they were asked.

    A turn beyond the script fails: one more is asked where a foreign solver failed.
    """
    asked: list[Program] = []
    waiting = list(scripts)

    def get(name: str) -> object:
        def solve(program: Program, *, time_limit_s: float) -> Outcome:
            asked.append(program)
            return waiting.pop(0) if waiting else OUT_OF_SCRIPT

        return solve

    names = [Turn("exact_cover", 1.0)] * len(scripts)
    return take_turns(CBC_WRONG, names, deadline=FOREVER, get=get), asked


POINT = Outcome(
    Status.FEASIBLE, values={"x5": 1}, objective=279, bound=100, solver="exact_cover", seconds=1.0
)
NOTHING_CHEAPER = Outcome(Status.INFEASIBLE, solver="cpsat", seconds=2.0, proof=("exact:cpsat",))


def test_next_turn_is_asked_for_something_cheaper():
    _, asked = turns(POINT, NOTHING_CHEAPER)
    assert asked[0] == CBC_WRONG
    assert asked[1].rows[-1] == Row(
        "cheaper", {c.name: c.cost for c in CBC_WRONG.columns}, "<=", 278
    )


def test_nothing_cheaper_makes_the_best_point_optimal():
    outcome, _ = turns(POINT, NOTHING_CHEAPER)
    assert (outcome.status, outcome.objective, outcome.bound) == (Status.OPTIMAL, 279, 279)
    assert (outcome.values, outcome.proof, outcome.seconds) == ({"x5": 1}, ("exact:cpsat",), 3.0)


def test_infeasible_before_any_point_is_infeasible():
    outcome, _ = turns(NOTHING_CHEAPER)
    assert outcome.status is Status.INFEASIBLE and outcome.values == {}


def test_bounds_of_exact_methods_count_and_do_not_pass_the_point():
    far = Outcome(Status.NOT_REACHED, bound=500, solver="cpsat")  # of points below 279: none
    outcome, _ = turns(POINT, Outcome(Status.NOT_REACHED, bound=400, solver="scip"))
    assert (outcome.objective, outcome.bound) == (279, 100)
    outcome, _ = turns(POINT, far)
    assert (outcome.status, outcome.bound) == (Status.FEASIBLE, 279)


def test_failures_are_named_and_only_all_of_them_fail():
    broken = Outcome(Status.FAILED, solver="cpsat", message="MemoryError: ")
    outcome, _ = turns(broken, POINT)
    assert outcome.status is Status.FEASIBLE and "cpsat: MemoryError" in outcome.message
    outcome, _ = turns(broken, broken)
    assert outcome.status is Status.FAILED


def test_claim_without_proof_names_who_failed():
    broken = Outcome(Status.FAILED, solver="cpsat", message="MemoryError: ")
    word = Outcome(Status.OPTIMAL, values={"x5": 1}, objective=279, solver="scip", proof=("scip",))
    outcome, _ = turns(broken, word)
    assert outcome.status is Status.OPTIMAL and "cpsat: MemoryError" in outcome.message
    outcome, _ = turns(broken, replace(word, proof=("exact:exact_cover",)))
    assert outcome.message == ""


def test_no_time_left_still_asks_once():
    def get(name: str) -> object:
        return lambda program, *, time_limit_s: POINT

    outcome = take_turns(CBC_WRONG, [Turn("exact_cover", 1.0)] * 2, deadline=0.0, get=get)
    assert outcome.objective == 279


def test_many_covering_rows_leave_exact_cover_for_later():
    rows = tuple(Row(f"loss{i}", {"a": 1}, ">=", 4) for i in range(5))
    many = Program((Column("a", 1, 9),), rows)
    assert [turn.solver for turn in turns_for(CBC_WRONG)][:2] == ["exact_cover", "cpsat"]
    assert turns_for(many)[0].solver == "cpsat"


def test_rows_of_both_signs_are_asked_of_two_solvers_for_a_moment_first():
    share = Row("share", {"a": 3, "b": -2}, "<=", 0)
    mixed = Program((Column("a", 1, 9), Column("b", 2, 9)), (Row("d", {"a": 1}, ">=", 4), share))
    first, second = turns_for(mixed)[:2]
    assert (first.solver, second.solver) == ("cpsat", "scip")
    assert first.most_s + second.most_s < turns_for(mixed)[2].most_s  # the third as before: CP-SAT


def test_a_foreign_solver_is_not_asked_to_read_longer_than_there_is_time():
    """2.5 us a coefficient: 400 of them take a millisecond, and nothing is left of it."""
    row = Row("d", {f"x{n}": 1 for n in range(400)}, ">=", 4)
    large = Program(tuple(Column(f"x{n}", 1, 9) for n in range(400)), (row,))

    def get(name: str) -> object:
        raise AssertionError(name)

    left = time.perf_counter() + 0.0009
    outcome = take_turns(large, [Turn("cpsat", 1.0)], deadline=left, get=get)
    assert outcome.status is Status.NOT_REACHED


def test_divisor_of_costs_and_rows_leaves_the_points():
    # costs 200, 300 -> 2, 3;  6 a + 9 b >= 13 -> 2 a + 3 b >= 5;  4 a + 6 b <= 13 -> 2a + 3b <= 6
    program = Program(
        (Column("a", 200, 5), Column("b", 300, 5)),
        (Row("d", {"a": 6, "b": 9}, ">=", 13), Row("p", {"a": 4, "b": 6}, "<=", 13)),
    )
    smaller, divisor = divided(program)
    assert divisor == 100 and [c.cost for c in smaller.columns] == [2, 3]
    assert [(r.coefficients, r.rhs) for r in smaller.rows] == [
        ({"a": 2, "b": 3}, 5),
        ({"a": 2, "b": 3}, 6),
    ]
    assert multiplied(Outcome(Status.OPTIMAL, objective=5, bound=5), 100).bound == 500


def test_divided_programs_have_the_same_optimum():
    for seed in range(200):
        program = small(seed)
        smaller, divisor = divided(program)
        best, best_smaller = brute_force(program), brute_force(smaller)
        assert best == (None if best_smaller is None else best_smaller * divisor), seed


def test_equation_is_divided_only_where_its_right_hand_side_is():
    odd = Row("e", {"a": 2}, "==", 3)
    even = Row("e", {"a": 2}, "==", 4)
    smaller, _ = divided(Program((Column("a", 1, 5),), (odd, even)))
    assert smaller.rows == (odd, Row("e", {"a": 1}, "==", 2))
