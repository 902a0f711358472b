"""The door to solvers in a process of their own: a crash there is an outcome here.

    taken   an idle process, or a new one      one per solve at a time, started when first needed
    asked   its outcome, re-checked here       what a broken process says is not believed
    ended   FAILED with the reason; the next solve starts another process

Ctrl-C ends the process at once. Processes that work in parallel (a batch) share the memory.
"""

import atexit
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from recommender.program.program import Program
from recommender.solvers.isolated.memory_limit import limit_bytes
from recommender.solvers.isolated.process import Ended, SolverProcess, command
from recommender.solvers.isolated.wire import Request
from recommender.solvers.outcome import Outcome, Status


@dataclass
class Processes:
    """Idle processes of this one, and how more of them are started.

    Attributes
    ----------
    owners
        Processes like this one that use solvers at the same time; they share the memory.
    """

    owners: int = 1
    arguments: Callable[[int | None], list[str]] = command
    idle: list[SolverProcess] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def take(self) -> SolverProcess:
        """An idle process that is alive, or a new one; raises OSError when there can be none."""
        with self.lock:
            while self.idle:
                process = self.idle.pop()
                if process.alive:
                    return process
                process.stop()
        memory_bytes = limit_bytes(processes=self.owners)
        return SolverProcess(self.arguments(memory_bytes), memory_bytes=memory_bytes)

    def give_back(self, process: SolverProcess) -> None:
        """Keep it for the next solve."""
        with self.lock:
            self.idle.append(process)

    def stop(self) -> None:
        """End all that are idle."""
        with self.lock:
            while self.idle:
                self.idle.pop().stop()

    def forget(self) -> None:
        """In a fork: the processes are those of the parent, and so is the lock."""
        self.lock = Lock()
        self.idle.clear()


PROCESSES = Processes()
atexit.register(PROCESSES.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=PROCESSES.forget)


def solve(
    program: Program, *, solver: str, time_limit_s: float, processes: Processes = PROCESSES
) -> Outcome:
    """The outcome of a solver by name, or why it failed."""
    start = time.perf_counter()
    try:
        process = processes.take()
    except OSError as error:
        return _failed(solver, start, f"no process could be started for it: {error}")
    try:
        outcome = process.ask(Request(solver, time_limit_s, program))
    except Ended as end:
        process.stop()
        return _failed(solver, start, str(end))
    except BaseException:  # Ctrl-C
        process.stop()
        raise
    processes.give_back(process)
    wrong = _wrong(program, outcome)
    if wrong:
        return _failed(solver, start, wrong)
    return replace(outcome, seconds=time.perf_counter() - start)


def _wrong(program: Program, outcome: Outcome) -> str:
    """What the point breaks; empty for points that hold, and without a point."""
    if outcome.status not in (Status.OPTIMAL, Status.FEASIBLE):
        return ""
    broken = program.broken_rows(outcome.values)
    if broken:
        return f"its process returned a point that breaks {', '.join(broken[:5])}"
    objective = program.objective(outcome.values)
    if objective != outcome.objective:
        return f"its process returned {outcome.objective} for a point at {objective}"
    return ""


def _failed(solver: str, start: float, message: str) -> Outcome:
    seconds = time.perf_counter() - start
    return Outcome(Status.FAILED, solver=solver, seconds=seconds, message=message)
