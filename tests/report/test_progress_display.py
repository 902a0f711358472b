"""Progress: only on a terminal, only when it takes long, never after the end."""

import sys
import time
from io import StringIO

import pytest

from recommender.progress import SILENT
from recommender.report.progress_display import progress_display


class Screen(StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def shown_on(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal in place of standard error (in the test itself: pytest swaps it before)."""
    terminal = Screen()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    return terminal


def test_silent_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs hold no spinner."""
    monkeypatch.setattr(sys, "stderr", StringIO())
    with progress_display(delay_s=0.0) as progress:
        assert progress is SILENT


def test_silent_when_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """--quiet."""
    shown_on(monkeypatch)
    with progress_display(quiet=True, delay_s=0.0) as progress:
        assert progress is SILENT


def test_silent_when_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done within the delay shows nothing."""
    screen = shown_on(monkeypatch)
    with progress_display(delay_s=30.0) as progress:
        assert progress is not SILENT
        progress.phase("sizing")
    assert screen.getvalue() == ""


def test_names_the_phase_when_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The phase that began before the line appeared, and the next one; then the line is gone."""
    screen = shown_on(monkeypatch)
    with progress_display(delay_s=0.0) as progress:
        progress.phase("sizing")
        deadline = time.monotonic() + 10
        while "sizing" not in screen.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        progress.phase("solving")
        while "solving" not in screen.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    shown = screen.getvalue()
    assert "sizing ..." in shown and "solving ..." in shown
    time.sleep(0.2)
    assert screen.getvalue() == shown


def test_gone_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception passes through, and no line comes after it."""
    screen = shown_on(monkeypatch)
    with pytest.raises(KeyboardInterrupt), progress_display(delay_s=0.05):
        raise KeyboardInterrupt
    time.sleep(0.2)
    assert screen.getvalue() == ""
