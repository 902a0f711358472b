"""Answers where the process of a solver crashes: other methods go on, and the reason is told."""

import time

import pytest
from isolated_processes import bad, unix_only
from solver_programs import CBC_WRONG

import cli
from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove, registry
from recommender.solvers.isolated import door
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.turns import Turn, take_turns

REQUEST = ("--model", "70b", "--qps", "60", "--p99", "500ms", "--quiet")


@unix_only
def test_proof_goes_to_the_method_that_is_left(monkeypatch):
    """Every foreign solver crashes: ours proves the optimum, and the claim is not weakened."""
    processes = bad("segfault")
    monkeypatch.setattr(door.solve, "__kwdefaults__", {"processes": processes})
    outcome = prove.solve(CBC_WRONG, time_limit_s=20)
    assert (outcome.status, outcome.objective) == (Status.OPTIMAL, 274)
    assert prove.proof_text(outcome) == "exact_cover"


@unix_only
@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("segfault", "cpsat: its process crashed (SIGSEGV: Segmentation fault)"),
        ("hoard", "cpsat: ran out of memory at its limit of"),
    ],
)
def test_the_command_names_what_failed_and_exits_with_4(behaviour, said, monkeypatch, capsys):
    monkeypatch.setattr(door.solve, "__kwdefaults__", {"processes": bad(behaviour)})
    with pytest.raises(SystemExit) as ended:
        cli.main([*REQUEST, "--solver", "cpsat"])
    shown = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 4
    assert f"No plan, and none was ruled out: the solver failed. {said}" in shown
    assert "What stops it" not in shown


@unix_only
def test_many_rows_go_to_the_method_that_is_left(monkeypatch):
    """70 rows x_i + x_{i+1} >= 1 in a ring are none of its business otherwise: 35 by hand."""
    monkeypatch.setattr(door.solve, "__kwdefaults__", {"processes": bad("segfault")})
    columns = tuple(Column(f"x{i}", 1, 1) for i in range(70))
    rows = (Row(f"r{i}", {f"x{i}": 1, f"x{(i + 1) % 70}": 1}, ">=", 1) for i in range(70))
    outcome = prove.solve(Program(columns, tuple(rows)), time_limit_s=20)
    assert (outcome.status, outcome.objective) == (Status.OPTIMAL, 35)
    assert prove.proof_text(outcome) == "exact_cover"


@unix_only
def test_what_was_found_before_a_crash_is_kept(monkeypatch):
    """A point of ours, no proof in its time, then a crash: the point, its bound and the reason."""
    monkeypatch.setattr(door.solve, "__kwdefaults__", {"processes": bad("segfault")})
    point = Outcome(
        Status.FEASIBLE, values={"x5": 1}, objective=279, bound=100, solver="exact_cover"
    )
    scripted = iter([point, Outcome(Status.NOT_REACHED, solver="exact_cover")])

    def get(name: str) -> registry.Solver:
        ours = lambda program, *, time_limit_s: next(scripted)  # noqa: E731
        return ours if name == "exact_cover" else registry.get(name)

    turns = [Turn("exact_cover", 1.0), Turn("cpsat", 5.0)]
    outcome = take_turns(CBC_WRONG, turns, deadline=time.perf_counter() + 20, get=get)
    assert (outcome.status, outcome.objective, outcome.bound) == (Status.FEASIBLE, 279, 100)
    assert outcome.message == "cpsat: its process crashed (SIGSEGV: Segmentation fault)"
