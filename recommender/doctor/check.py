"""One check of an installation, and how a failure becomes its finding."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `recommend doctor`."""

    name: str
    good: bool
    detail: str


def guarded(name: str, work: Callable[[], str]) -> Check:
    """A check whose failure, of whatever kind, is a finding and not an end."""
    try:
        return Check(name, True, work())
    except Exception as error:
        return Check(name, False, f"{type(error).__name__}: {error}")
