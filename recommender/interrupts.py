"""Ctrl-C, remembered: who interrupts a command gets exit code 130, whatever is printed by then.

Parts of the engine catch KeyboardInterrupt to keep what they have: a plan with its gap, points of
a front, steps of a sweep. What they return says nothing of the interrupt, and need not: the
command line counts the signals themselves.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


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
        yield heard
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
