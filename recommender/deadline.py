"""The time of one decision: all of its solves and simulations together, each takes what is left.

    left = max(0, at - now)

Symbol  Meaning                                          Unit
at      when the time is up                              s of the clock
now     what the clock, which never runs back, shows     s

Nothing that a deadline ended is proven, and whoever is ended says what is missing. Tests give a
clock of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf
from time import perf_counter

MOMENT = 0.1
"""Share of the time that was given, for a moment beyond it."""
LEAST_MOMENT_S = 0.5


class OutOfTime(Exception):
    """The time is up in the middle of a search; caught by who keeps what is known by then."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the time of a decision is up.

    Attributes
    ----------
    at_s
        Reading of the clock [s].
    now
        The clock.
    whole_s
        The time that was given for all [s].
    """

    at_s: float
    now: Callable[[], float] = perf_counter
    whole_s: float = field(default=inf, compare=False)

    @property
    def left_s(self) -> float:
        """What is left; 0 when the time is up [s]."""
        return max(0.0, self.at_s - self.now())

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.now() >= self.at_s

    def check(self) -> None:
        """Raise OutOfTime when the time is up."""
        if self.is_over:
            raise OutOfTime

    def share(self, share: float) -> "Deadline":
        """The time that a share of what is left is up at."""
        return replace(self, at_s=self.now() + share * self.left_s)

    def later(self, seconds: float) -> "Deadline":
        """The same so many seconds later."""
        return replace(self, at_s=self.at_s + seconds)


def deadline_in(seconds: float, *, now: Callable[[], float] = perf_counter) -> Deadline:
    """A deadline so many seconds from now."""
    return Deadline(now() + seconds, now, seconds)


def moment_after(
    deadline: Deadline, most_s: float, *, now: Callable[[], float] = perf_counter
) -> Deadline:
    """A moment more, for what is better late than never: a tenth of the time, or half a second."""
    seconds = max(LEAST_MOMENT_S, MOMENT * deadline.whole_s)
    return deadline_in(min(most_s, seconds), now=now)
