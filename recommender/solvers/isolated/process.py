"""A process that solvers run in, seen from outside: start it, ask it, end it.

It is started once and asked many times. Whatever ends it early (a signal, its memory limit, the
time after which it is ended from here) becomes an `Ended` with the reason in words.
The process is a session of its own: Ctrl-C reaches only its owner, and ending it also ends programs
that it started (solvers behind PuLP). It ends by itself when its owner does. So does its folder for
temporary files, whatever is left in it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import TIMEOUT_MAX, Thread

from recommender.solvers.isolated.own_folder import environment
from recommender.solvers.isolated.wire import RUNNING, Request, line_of_request, outcome_of_line
from recommender.solvers.outcome import Outcome

ROOT = Path(__file__).parents[3]
BOOT = (
    "import sys; sys.path[:] = [sys.argv[1], *filter(None, sys.path)]; "
    "from recommender.solvers.isolated.worker import main; "
    "main(memory_bytes=int(sys.argv[2]) or None)"
)
START_S = 60.0
"""Longest time for the process to start and to load a solver."""
GRACE_S = 10.0
"""What a solver may take beyond its own time limit before its process is ended."""
DYING_S = 5.0
LAST_WORDS = 4000
"""Bytes of standard error that are looked at."""
OUT_OF_MEMORY = ("bad_alloc", "MemoryError", "out of memory", "cannot allocate memory")


class Ended(Exception):
    """The process is gone, or has to go; the text says why."""


def command(memory_bytes: int | None) -> list[str]:
    """How the process is started; 0 stands for no limit of memory."""
    return [sys.executable, "-c", BOOT, str(ROOT), str(memory_bytes or 0)]


class SolverProcess:
    """One process; raises OSError when it cannot be started."""

    def __init__(self, arguments: Sequence[str], *, memory_bytes: int | None) -> None:
        self._memory_bytes = memory_bytes
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in stop()
        self._folder = tempfile.mkdtemp(prefix="solver-")  # removed in stop()
        try:
            self._popen = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                encoding="utf-8",
                env=environment(self._folder),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows
            )
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._popen.poll() is None

    def ask(self, request: Request, *, grace_s: float = GRACE_S) -> Outcome:
        """Its outcome; raises Ended when none comes, and the process is then to be stopped."""
        replies: SimpleQueue[str] = SimpleQueue()
        line = line_of_request(request)
        Thread(target=self._exchange, args=(line, replies), daemon=True).start()
        reply = self._next(replies, START_S, f"did not start within {START_S:g} s")
        if reply == RUNNING:
            late = (
                f"did not stop at its time limit of {request.time_limit_s:.3g} s "
                f"and was ended {grace_s:g} s later"
            )
            reply = self._next(replies, request.time_limit_s + grace_s, late)
        try:
            outcome = outcome_of_line(reply)
        except (ValueError, KeyError, TypeError) as error:
            raise Ended(
                f"its process answered with something that is no outcome: {error}"
            ) from None
        if _is_of_memory(outcome.message):
            raise Ended(self._out_of_memory())
        return outcome

    def stop(self) -> None:
        """End the process and whatever it started; returns when it is gone."""
        if self._popen.returncode is None:  # else its number may be that of another process by now
            self._kill()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(DYING_S)
        for stream in (self._popen.stdin, self._popen.stdout, self._errors):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._popen.kill()
            else:
                os.killpg(self._popen.pid, signal.SIGKILL)

    def _exchange(self, line: str, replies: "SimpleQueue[str]") -> None:
        """Write the request and read replies; an empty one when the process is gone."""
        source, sink = self._popen.stdout, self._popen.stdin
        assert source is not None and sink is not None
        try:
            print(line, file=sink, flush=True)
            reply = source.readline().rstrip("\n")
            replies.put(reply)
            if reply == RUNNING:
                replies.put(source.readline().rstrip("\n"))
        except (OSError, ValueError):  # ValueError: closed by stop()
            replies.put("")

    def _next(self, replies: "SimpleQueue[str]", seconds: float, late: str) -> str:
        try:
            reply = replies.get(timeout=min(seconds, TIMEOUT_MAX))
        except Empty:
            raise Ended(late) from None
        if not reply:
            raise Ended(self._why_gone())
        return reply

    def _why_gone(self) -> str:
        try:
            code = self._popen.wait(DYING_S)
        except subprocess.TimeoutExpired:
            return "its process closed its output without an answer"
        self._kill()  # what it started goes on without it
        words = self._last_words()
        if _is_of_memory(words):
            return self._out_of_memory()
        if code >= 0:
            said = words.splitlines()
            return f"its process ended with code {code}" + (f": {said[-1]}" if said else "")
        if code == -getattr(signal, "SIGKILL", 0):
            return "its process was killed, as the system does when memory runs out (SIGKILL)"
        return f"its process crashed ({_name_of_signal(-code)})"

    def _last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - LAST_WORDS))
        return self._errors.read().decode(errors="replace").strip()

    def _out_of_memory(self) -> str:
        if self._memory_bytes is None:
            return "ran out of memory"
        return f"ran out of memory at its limit of {self._memory_bytes / 1e9:.2g} GB"


def _is_of_memory(text: str) -> bool:
    return any(words.lower() in text.lower() for words in OUT_OF_MEMORY)


def _name_of_signal(number: int) -> str:
    try:
        known = signal.Signals(number)
    except ValueError:
        return f"signal {number}"
    return f"{known.name}: {signal.strsignal(number)}"
