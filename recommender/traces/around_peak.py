"""The stretch around the busiest minute of a superposed trace, by itself and over and over.

    |---- lead ----|- 60 s -|- tail -|  nothing  |---- lead ----|- 60 s -|- tail -|  nothing ...
                    busiest

Most of a long trace is quieter than the minute that a plan is made for. The stretch alone brings as
many requests of that minute as a percentile needs, each time with other random routing. In the lead
queues and caches fill as the trace fills them; in the pause what one pass leaves behind is worked
off, so that no pass waits for the one before.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommender.traces.superpose import PEAK_WINDOW_S, Superposition
from recommender.traces.trace import Seconds, Tokens

LEAD_S = 300.0
LEAD_WITH_BLOCKS_S = 3600.0
"""A prefix cache fills slowly."""
TAIL_S = 120.0
PAUSE_S = 3600.0
"""Between passes; a simulation goes over it in one step."""


@dataclass(frozen=True, eq=False)
class AroundPeak(Superposition):
    """Passes through the stretch; times begin at 0 with the first lead.

    Attributes
    ----------
    lead_s
        Of the stretch before the busiest minute [s].
    stretch_s
        Length of the stretch [s].
    """

    lead_s: float = 0.0
    stretch_s: float = 0.0

    @property
    def period_s(self) -> float:
        """Length of a pass, and of the pause after it [s]."""
        return self.stretch_s + PAUSE_S

    @property
    def mean_requests_per_s(self) -> float:
        """Mean rate, pauses included [requests/s]."""
        return self.keep * self._inside / self.period_s

    def in_peak(self, times_s: Seconds) -> npt.NDArray[np.bool_]:
        """Which times lie in the busiest minute of their pass."""
        since = times_s % self.period_s - self.lead_s
        inside: npt.NDArray[np.bool_] = (since >= 0.0) & (since < PEAK_WINDOW_S)
        return inside

    def pass_of(self, times_s: Seconds) -> Tokens:
        """Number of the pass that times lie in, from 0."""
        return (times_s // self.period_s).astype(np.int64)

    @cached_property
    def _ranges(self) -> tuple[Tokens, Tokens]:
        """First request of each copy in the stretch, and how many of all copies are up to there."""
        starts = (self.peak_start_s - self.lead_s - self.shift_s) % self.trace_s
        ends = starts + self.stretch_s
        times = self.trace.arrival_s
        first = np.searchsorted(times, starts)
        over = ends >= self.trace_s  # goes on at the start of the trace
        last = np.searchsorted(times, np.where(over, ends - self.trace_s, ends))
        counts = last + np.where(over, len(self.trace), 0) - first
        return first, np.concatenate([[0], np.cumsum(counts)])

    @property
    def _inside(self) -> int:
        """Requests of all copies in the stretch."""
        return int(self._ranges[1][-1])

    def _pass(
        self, random: np.random.Generator, population: int, keep: float, number: int
    ) -> tuple[Seconds, Tokens]:
        first, before = self._ranges
        chosen = self._sample(random, self._inside, keep)
        copy = np.searchsorted(before, chosen, side="right") - 1
        request = (first[copy] + chosen - before[copy]) % len(self.trace)
        moved = self.trace.arrival_s[request] + self.shift_s[copy]
        since = (moved - self.peak_start_s + self.lead_s) % self.trace_s
        places = copy * len(self.trace) + request + number * population
        return since + number * self.period_s, places


def around_peak(arrivals: Superposition) -> AroundPeak:
    """The stretch around the busiest minute; all of a trace that is no longer."""
    wanted = LEAD_S if arrivals.trace.blocks is None else LEAD_WITH_BLOCKS_S
    stretch = min(wanted + PEAK_WINDOW_S + TAIL_S, arrivals.trace_s)
    lead = max(min(wanted, stretch - PEAK_WINDOW_S - TAIL_S), 0.0)
    return AroundPeak(
        trace=arrivals.trace,
        shift_s=arrivals.shift_s,
        keep=arrivals.keep,
        requests_per_s=arrivals.requests_per_s,
        peak_start_s=arrivals.peak_start_s,
        lead_s=lead,
        stretch_s=stretch,
    )
