"""What passes between a solver's process and its owner, and how much memory it may take."""

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.isolated import memory_limit, wire
from recommender.solvers.outcome import Outcome, Status

MIB = 2**20


def test_lines_read_back_as_they_were_written():
    program = Program(
        (Column("a, \n b", 2**70, 3), Column("é", 0, 1)),
        (Row("r", {"é": -(2**65), "a, \n b": 7}, ">=", -1), Row("empty", {}, "<=", 0)),
    )
    request = wire.Request("scip", 0.5, program)
    line = wire.line_of_request(request)
    assert "\n" not in line and wire.request_of_line(line) == request
    outcome = Outcome(
        Status.FEASIBLE, values={"é": 1}, objective=2**70, bound=None, solver="scip", seconds=0.25,
        proof=("scip",), message="a\nb",
    )  # fmt: skip
    line = wire.line_of_outcome(outcome)
    assert "\n" not in line and wire.outcome_of_line(line) == outcome


def test_processes_at_once_share_the_memory(monkeypatch):
    monkeypatch.setattr(memory_limit, "machine_bytes", lambda: 16 * 2**30)
    assert memory_limit.limit_bytes() == 8 * 2**30
    assert memory_limit.limit_bytes(processes=4) == 2 * 2**30
    assert memory_limit.limit_bytes(processes=1000) == memory_limit.SMALLEST
    monkeypatch.setattr(memory_limit, "machine_bytes", lambda: None)
    assert memory_limit.limit_bytes() is None


def test_memory_of_a_control_group_counts(monkeypatch, tmp_path):
    unlimited, small = tmp_path / "memory.max", tmp_path / "limit"
    unlimited.write_text("max\n")
    monkeypatch.setattr(memory_limit, "GROUP_LIMITS", (unlimited,))
    machine = memory_limit.machine_bytes()
    small.write_text(f"{64 * MIB}\n")
    monkeypatch.setattr(memory_limit, "GROUP_LIMITS", (unlimited, small))
    assert memory_limit.machine_bytes() == 64 * MIB
    assert machine is None or machine > 64 * MIB
