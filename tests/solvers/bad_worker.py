"""A solver's process whose solvers misbehave, by their names: see BEHAVIOUR, `stuck` and `missing`.

Arguments: root of the project, memory limit [bytes], and perhaps the behaviour for every name.
Every other name is the real solver.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

sys.path.insert(0, sys.argv[1])

from recommender.program.program import Program
from recommender.solvers import registry
from recommender.solvers.isolated.worker import main
from recommender.solvers.outcome import Outcome, Status


def load(name: str) -> registry.Solver:
    """The real solver, unless the name, or the third argument, asks for another one."""
    behaviour = sys.argv[3] if len(sys.argv) > 3 else name
    if behaviour == "stuck":
        time.sleep(3600)
    if behaviour == "missing":
        raise ModuleNotFoundError("No module named 'ortools'")
    if behaviour == "liar":
        return _lie
    if behaviour not in BEHAVIOUR:
        return registry.load(name)

    def solve(program: Program, *, time_limit_s: float) -> Outcome:
        BEHAVIOUR[behaviour]()
        return registry.load("exact_cover")(program, time_limit_s=time_limit_s)

    return solve


def _lie(program: Program, *, time_limit_s: float) -> Outcome:
    return Outcome(Status.OPTIMAL, values={"a": 1}, objective=3, bound=3, solver="liar")


def _die(number: int, last_words: bytes = b"") -> None:
    os.write(2, last_words)
    os.kill(os.getpid(), number)


def _hoard() -> None:
    kept = []
    while True:
        kept.append(bytearray(2**24))


def _print() -> None:
    os.write(1, b"Welcome to SOLVER 1.0\n")
    print("licence found", flush=True)


def _litter() -> None:
    """Start a program that does not end, and leave its number in a temporary file."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    with tempfile.NamedTemporaryFile("w", prefix="child-", delete=False) as file:
        file.write(str(child.pid))
    time.sleep(3600)


BEHAVIOUR: dict[str, Callable[[], None]] = {
    "segfault": lambda: _die(signal.SIGSEGV),
    "abort": lambda: _die(signal.SIGABRT, b"F0000 check failed: lp.cc:12\n"),
    "bad_alloc": lambda: _die(signal.SIGABRT, b"throwing an instance of 'std::bad_alloc'\n"),
    "killed": lambda: _die(signal.SIGKILL),
    "exit": lambda: os._exit(7),
    "hang": lambda: time.sleep(3600),
    "hoard": _hoard,
    "litter": _litter,
    "print": _print,
}

main(memory_bytes=int(sys.argv[2]) or None, load=load)
