"""Progress on standard error: one line, only for what takes longer than a second.

Nothing is shown, and rich is not even imported, when the work is done sooner, when standard error
is not a terminal, or with `--quiet`.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recommender.progress import SILENT, Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

DELAY_S = 1.0


@contextmanager
def progress_display(*, quiet: bool = False, delay_s: float = DELAY_S) -> Iterator[Progress]:
    """A Progress that shows itself on standard error while the block runs.

    with progress_display(quiet=quiet) as progress:
        plan = recommend(spec, progress=progress)
    """
    if quiet or not sys.stderr.isatty():
        yield SILENT
        return
    display = _Display()
    timer = threading.Timer(delay_s, display.appear)
    timer.daemon = True
    timer.start()
    try:
        yield display
    finally:
        timer.cancel()
        display.vanish()


class _Display:
    """The state of the line; it exists before the line does."""

    def __init__(self, console: "Console | None" = None) -> None:
        self._lock = threading.Lock()
        self._console = console
        self._name, self._total, self._done = "", 0, 0
        self._status: Status | None = None
        self._over = False

    def phase(self, name: str, total: int | None = None) -> None:
        with self._lock:
            self._name, self._total, self._done = name, total or 0, 0
            self._refresh()

    def advance(self, parts: int = 1) -> None:
        with self._lock:
            self._done += parts
            self._refresh()

    def appear(self) -> None:
        """Start the line, unless the work is over."""
        from rich.console import Console
        from rich.status import Status

        with self._lock:
            if self._over:
                return
            console = self._console or Console(stderr=True)
            self._status = Status(self._text(), console=console)
            self._status.start()

    def vanish(self) -> None:
        """Remove the line for good."""
        with self._lock:
            self._over = True
            if self._status is not None:
                self._status.stop()

    def _refresh(self) -> None:
        if self._status is not None and not self._over:
            self._status.update(self._text())

    def _text(self) -> str:
        of_total = f" {self._done} of {self._total}" if self._total else ""
        return f"{self._name or 'working'}{of_total} ..."
