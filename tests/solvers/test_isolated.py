"""Solvers in a process of their own: whatever ends it is an outcome, and the next solve works."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from isolated_processes import BAD_WORKER, bad, unix_only
from solver_programs import CBC_WRONG

import cli
from recommender.solvers import registry
from recommender.solvers.isolated import door, process
from recommender.solvers.isolated.door import Processes
from recommender.solvers.outcome import Outcome, Status


@pytest.fixture
def processes() -> Iterator[Processes]:
    started = bad()
    yield started
    started.stop()


def ask(processes: Processes, solver: str, *, time_limit_s: float = 20.0) -> Outcome:
    return door.solve(CBC_WRONG, solver=solver, time_limit_s=time_limit_s, processes=processes)


@unix_only
@pytest.mark.parametrize(
    ("solver", "message"),
    [
        ("segfault", "its process crashed (SIGSEGV: Segmentation fault)"),
        ("abort", "its process crashed (SIGABRT: Aborted)"),
        ("killed", "its process was killed, as the system does when memory runs out (SIGKILL)"),
        ("exit", "its process ended with code 7"),
        ("bad_alloc", "ran out of memory at its limit of"),
        ("missing", "ModuleNotFoundError"),
        ("liar", "its process returned a point that breaks"),
    ],
)
def test_whatever_ends_a_solver_is_a_failure_that_names_it(processes, solver, message):
    outcome = ask(processes, solver)
    assert outcome.status is Status.FAILED and outcome.solver == solver
    assert outcome.message.startswith(message) or message in outcome.message


@unix_only
def test_the_next_solve_has_another_process(processes):
    assert ask(processes, "print").objective == 274
    first = processes.idle[0]
    assert ask(processes, "segfault").status is Status.FAILED
    assert processes.idle == [] and not first.alive
    assert ask(processes, "print").objective == 274


@unix_only
def test_memory_is_limited(processes):
    """16 MiB blocks until nothing is left: at 512 MiB, not at what the machine has."""
    outcome = ask(processes, "hoard")
    assert outcome.status is Status.FAILED
    assert outcome.message.startswith("ran out of memory at its limit of")


def test_a_solver_that_hangs_is_ended(processes, monkeypatch):
    monkeypatch.setattr(process.SolverProcess.ask, "__kwdefaults__", {"grace_s": 0.3})
    start = time.perf_counter()
    outcome = ask(processes, "hang", time_limit_s=0.2)
    assert time.perf_counter() - start < 20
    message = "did not stop at its time limit of 0.2 s and was ended 0.3 s later"
    assert (outcome.status, outcome.message) == (Status.FAILED, message)
    assert processes.idle == []


def test_a_solver_that_does_not_load_is_ended(processes, monkeypatch):
    monkeypatch.setattr(process, "START_S", 1.0)
    outcome = ask(processes, "stuck")
    assert (outcome.status, outcome.message) == (Status.FAILED, "did not start within 1 s")


def test_what_a_solver_prints_is_no_reply(processes):
    assert ask(processes, "print").objective == 274
    assert ask(processes, "print").objective == 274


def test_a_process_is_started_once(processes):
    assert ask(processes, "print").objective == 274
    first = processes.idle[0]
    assert ask(processes, "print").objective == 274
    assert processes.idle == [first]


def test_no_process_is_a_failure_with_its_reason():
    nowhere = Processes(arguments=lambda _: ["/nowhere/python"])
    outcome = ask(nowhere, "cpsat")
    assert outcome.status is Status.FAILED and "no process could be started" in outcome.message


def test_an_answer_that_is_none_is_a_failure():
    source = "print('{}', flush=True); input()"
    outcome = ask(Processes(arguments=lambda _: [sys.executable, "-c", source]), "cpsat")
    assert outcome.status is Status.FAILED and "no outcome" in outcome.message


@unix_only
def test_interrupt_ends_the_process(processes):
    assert ask(processes, "print").objective == 274
    running = processes.idle[0]
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        ask(processes, "hang")
    assert not running.alive and processes.idle == []


@unix_only
def test_a_process_ends_with_its_owner():
    """The owner is killed, and cannot tidy up; the process sees the end of its input."""
    source = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from recommender.solvers import registry\n"
        "from recommender.solvers.isolated.door import PROCESSES\n"
        "from recommender.program.program import Program\n"
        "registry.get('cpsat')(Program((), ()), time_limit_s=5)\n"
        "print(PROCESSES.idle[0]._popen.pid, flush=True); time.sleep(60)"
    )
    root = str(Path(cli.__file__).parent)
    owner = subprocess.Popen([sys.executable, "-c", source, root], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.communicate()
    _wait_until_gone(pid)


LITTERING = """
import sys; sys.path.insert(0, sys.argv[1])
from recommender.program.program import Program
from recommender.solvers.isolated import door
started = door.Processes(arguments=lambda _: [sys.executable, *sys.argv[2:4], "0", "litter"])
door.solve(Program((), ()), solver="any", time_limit_s=60, processes=started)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files of this process and of those that it starts."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("TMP", "TMPDIR", "TEMP"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def _child(folder: Path) -> int:
    """Number of the program that a littering solver started, once it has."""
    deadline = time.perf_counter() + 20
    while time.perf_counter() < deadline:
        written = [file.read_text() for file in folder.rglob("child-*")]
        if written and written[0]:
            return int(written[0])
        time.sleep(0.05)
    raise AssertionError("the solver did not start")


@unix_only
def test_programs_and_files_of_a_solver_end_with_its_owner(temporary):
    """The owner is killed during a solve that has started a program and written a file."""
    root = str(Path(cli.__file__).parent)
    command = [sys.executable, "-c", LITTERING, root, str(BAD_WORKER), root]
    owner = subprocess.Popen(command)
    child = _child(temporary)
    assert _exists(child)
    owner.kill()
    owner.wait()
    _wait_until_gone(child)
    assert [*temporary.iterdir()] == []


@unix_only
def test_programs_and_files_of_a_solver_end_with_its_time(temporary, processes, monkeypatch):
    monkeypatch.setattr(process.SolverProcess.ask, "__kwdefaults__", {"grace_s": 1.0})
    outcome = ask(processes, "litter", time_limit_s=0.5)
    assert "did not stop at its time limit" in outcome.message
    assert [*temporary.iterdir()] == []
    assert ask(processes, "print").objective == 274
    assert [*temporary.iterdir()] != [], "that of the next process, which is idle"
    processes.stop()
    assert [*temporary.iterdir()] == []


@unix_only
def test_a_process_that_is_gone_is_not_killed_by_its_number(processes, monkeypatch):
    """Its number may have been given to another process since it ended."""
    assert ask(processes, "print").objective == 274
    idle = processes.idle[0]
    os.kill(idle._popen.pid, signal.SIGKILL)
    idle._popen.wait()
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, number: killed.append(group))
    assert ask(processes, "print").objective == 274
    assert killed == [] and processes.idle != [idle]
    monkeypatch.undo()


def _wait_until_gone(pid: int) -> None:
    deadline = time.perf_counter() + 20
    while _exists(pid) and time.perf_counter() < deadline:
        time.sleep(0.05)
    assert not _exists(pid)


def _exists(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # nobody may be there to bury it


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_has_no_processes_of_its_parent():
    assert registry.get("cpsat")(CBC_WRONG, time_limit_s=20).objective == 274
    assert door.PROCESSES.idle
    pid = os.fork()
    if pid == 0:
        os._exit(len(door.PROCESSES.idle))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert registry.get("cpsat")(CBC_WRONG, time_limit_s=20).objective == 274
