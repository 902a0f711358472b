"""An optimum is proven when an exact integer method stands for its bound."""

import pytest
from solver_programs import CBC_WRONG

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove, registry
from recommender.solvers.outcome import Outcome, Status


def claims(monkeypatch, **outcomes: Outcome) -> None:
    """Solvers by name that return what they are told to."""

    def get(name: str) -> object:
        if name in outcomes:
            return lambda program, *, time_limit_s: outcomes[name]
        return registry.get(name)

    monkeypatch.setattr(prove, "get", get)


def test_default_is_proven_by_the_exact_method():
    outcome = prove.solve(CBC_WRONG)
    assert outcome.objective == 274 and prove.is_proven(outcome)
    assert prove.proof_text(outcome) == "exact_cover"


def test_float_solver_is_proven_when_an_exact_method_agrees():
    outcome = prove.solve(CBC_WRONG, solver="scip")
    assert prove.proof_text(outcome) == "scip + exact_cover"


def test_wrong_optimum_is_a_failure_not_an_answer(monkeypatch):
    wrong = Outcome(
        Status.OPTIMAL, values={"x5": 1}, objective=279, bound=279, solver="cbc", proof=("cbc",)
    )
    claims(monkeypatch, cbc=wrong)
    outcome = prove.solve(CBC_WRONG, solver="cbc")
    assert outcome.status is Status.FAILED and not prove.is_proven(outcome)
    assert "279" in outcome.message and "274" in outcome.message


def test_wrong_infeasible_is_a_failure(monkeypatch):
    claims(monkeypatch, bad=Outcome(Status.INFEASIBLE, solver="bad", proof=("bad",)))
    assert prove.solve(CBC_WRONG, solver="bad").status is Status.FAILED


def test_a_point_of_nothing_contradicts_as_any_other(monkeypatch):
    """All zero costs 0 and keeps ``x <= 3``: neither infeasible, nor is 2 the least cost."""
    program = Program((Column("x", 2, 5),), (Row("r", {"x": 1}, "<=", 3),))
    for wrong in (
        Outcome(Status.INFEASIBLE, solver="bad", proof=("bad",)),
        Outcome(
            Status.OPTIMAL, values={"x": 1}, objective=1, bound=1, solver="bad", proof=("bad",)
        ),
    ):
        claims(monkeypatch, bad=wrong)
        outcome = prove.solve(program, solver="bad")
        assert outcome.status is Status.FAILED and "has a point at 0" in outcome.message


def test_one_solver_alone_is_optimal_but_not_proven(monkeypatch):
    late = Outcome(Status.NOT_REACHED)
    right = Outcome(
        Status.OPTIMAL, values={"x1": 1, "x2": 1}, objective=274, bound=274, proof=("scip",)
    )
    claims(monkeypatch, scip=right, exact_cover=late, cpsat=late)
    for solver in ("scip", None):
        outcome = prove.solve(CBC_WRONG, solver=solver)
        assert outcome.status is Status.OPTIMAL and not prove.is_proven(outcome)
        assert prove.proof_text(outcome) == "one solver"


def test_exact_point_and_bound_are_kept_when_nobody_closes(monkeypatch):
    point = Outcome(
        Status.FEASIBLE, values={"x5": 1}, objective=279, bound=260, solver="exact_cover"
    )
    word = Outcome(Status.NOT_REACHED, bound=270, solver="scip")  # a float solver's bound
    claims(monkeypatch, exact_cover=point, scip=word, cpsat=Outcome(Status.NOT_REACHED))
    outcome = prove.solve(CBC_WRONG)
    assert (outcome.status, outcome.objective, outcome.bound) == (Status.FEASIBLE, 279, 260)
    assert prove.proof_text(outcome) == ""


@pytest.mark.parametrize(
    ("proofs", "combined"),
    [
        ([("exact:a",), ("exact:a",)], ("exact:a",)),
        ([("scip", "exact:a"), ("exact:b",)], ("scip", "exact:a", "exact:b")),
        ([("exact:a",), ("scip",)], ("scip",)),  # one part has a float solver's word only
    ],
)
def test_proof_of_all_parts_is_exact_only_when_each_is(proofs, combined):
    parts = [Outcome(Status.OPTIMAL, proof=proof) for proof in proofs]
    assert prove.combined(parts) == combined


def test_who_confirms_gets_what_the_named_solver_left(monkeypatch):
    """60 s less the seconds of the named solver: with none left, its claim is one word."""
    given: list[float] = []
    right = Outcome(
        Status.OPTIMAL, values={"x1": 1, "x2": 1}, objective=274, bound=274, proof=("scip",)
    )

    def get(name: str) -> object:
        def solve(program: Program, *, time_limit_s: float) -> Outcome:
            given.append(time_limit_s)
            return right if name == "scip" else Outcome(Status.NOT_REACHED)

        return solve

    shows = iter([0.0, 57.0, 59.9, 60.0])
    monkeypatch.setattr(prove, "get", get)
    monkeypatch.setattr(prove.time, "perf_counter", shows.__next__)
    monkeypatch.setattr(prove, "available", lambda: ("exact_cover", "cpsat", "scip"))
    outcome = prove.solve(CBC_WRONG, solver="scip", time_limit_s=60.0)
    assert prove.proof_text(outcome) == "one solver"
    assert given == pytest.approx([60.0, 0.4, 0.1, 0.01])
