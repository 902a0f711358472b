"""Ctrl-C, remembered: who interrupts a command gets exit code 130, whatever is printed by then.

Parts of the engine catch KeyboardInterrupt to keep what they have: a plan with its gap, points of
a front, steps of a sweep. What they return says nothing of the interrupt, and need not: the
command line counts the signals themselves.

Where foreign code calls back into Python, as the compiler does while it loads the simulator, an
exception goes nowhere but to `sys.unraisablehook`. Such an interrupt is made again a moment later.
"""

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_AFTER_S = 0.05


@contextmanager
def interrupts_heard() -> Iterator[list[int]]:
    """A list that gets an entry for each Ctrl-C; each raises KeyboardInterrupt as it did before.

    Where Ctrl-C is ignored (`nohup`, a job in the background) or handled by who called this, and
    in other threads than the main one, which hear no signals, it stays empty.
    """
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        signal.default_int_handler(number, frame)

    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield heard
        return
    signal.signal(signal.SIGINT, hear)
    try:
        with _swallowed_ones_again():
            yield heard
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt, so that who stops a long command is told what is kept.

    Where it is ignored or handled by who called this, and in other threads, all stays as it is.
    """

    def hear(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def _swallowed_ones_again() -> Iterator[None]:
    """Interrupt again where a KeyboardInterrupt could not be raised; other hooks are kept."""
    before, timers = sys.unraisablehook, list[threading.Timer]()

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            before(unraisable)
            return
        timers.append(threading.Timer(AGAIN_AFTER_S, _thread.interrupt_main))
        timers[-1].daemon = True
        timers[-1].start()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in timers:
            timer.cancel()
