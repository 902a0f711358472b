"""The process that solvers run in: reads requests, one a line, and writes replies.

Nothing that a solver prints reaches the replies: its standard output is turned to standard error.
The process ends with whoever started it, also in the middle of a solve: a thread of its own reads,
and the end of the input ends everything, programs that a solver started included. Solvers run on
the first thread and let others go on.
"""

import os
import signal
import sys
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TextIO

from recommender.solvers import registry
from recommender.solvers.isolated import own_folder
from recommender.solvers.isolated.memory_limit import keep_within
from recommender.solvers.isolated.wire import RUNNING, Request, line_of_outcome, request_of_line
from recommender.solvers.outcome import Outcome, Status

Load = Callable[[str], registry.Solver]


def main(*, memory_bytes: int | None, load: Load | None = None) -> None:
    """Serve requests until the input ends; `load` gives a solver by its name."""
    if memory_bytes is not None:
        keep_within(memory_bytes)
    replies = _replies()
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    while True:
        _answer(lines.get(), replies, load or registry.load)


def _replies() -> TextIO:
    """The standard output for this module alone; that of everything else is standard error."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def _read(source: TextIO, lines: "SimpleQueue[str]") -> None:
    for line in source:
        lines.put(line)
    _end()  # nobody waits for the answer any more


def _end() -> None:
    own_folder.remove()
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _answer(line: str, replies: TextIO, load: Load) -> None:
    request = request_of_line(line)
    try:
        solver = load(request.solver)
        print(RUNNING, file=replies, flush=True)
        outcome = _solve(solver, request)
    except MemoryError:
        outcome = _failed(request, "ran out of memory")
    except Exception as error:  # a package that cannot be loaded: the message says which
        outcome = _failed(request, f"{type(error).__name__}: {error}")
    print(line_of_outcome(outcome), file=replies, flush=True)


def _solve(solver: registry.Solver, request: Request) -> Outcome:
    return solver(request.program, time_limit_s=request.time_limit_s)


def _failed(request: Request, message: str) -> Outcome:
    return Outcome(Status.FAILED, solver=request.solver, message=message)
