"""A trace at another rate: time-shifted copies above its own, thinning below.

`requests_per_s` is the rate in the peak minute, as `--qps` is. K copies of the trace run at the
same time, each shifted by a random time and wrapped around; each request is kept with probability
p, such that the busiest minute of the sum has the wanted rate:

    p = wanted / peak_60(sum of copies) <= 1,       K the fewest for which that holds

A replica that gets a share w of the requests keeps each with probability p*w: random routing.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.queueing.arrivals import Draw
from recommender.queueing.prefixes import Prefixes
from recommender.traces.trace import TOKENS_PER_BLOCK, Seconds, Tokens, Trace, TraceError

PEAK_WINDOW_S = 60
_MOST_COPIES = 100_000
_MOST_REQUESTS = 20_000_000


@dataclass(frozen=True, eq=False)
class Superposition:
    """Copies of a trace whose busiest minute has a given rate."""

    trace: Trace
    shift_s: Seconds
    keep: float
    """Probability that a request of a copy is kept."""
    requests_per_s: float
    peak_start_s: float = 0.0
    """Start of the busiest minute of the sum."""

    @property
    def trace_s(self) -> float:
        """Length of the trace with one more mean gap, after which it wraps around [s]."""
        return self.trace.duration_s + 1.0 / self.trace.requests_per_s

    @property
    def period_s(self) -> float:
        """Length of a pass [s]."""
        return self.trace_s

    @property
    def mean_requests_per_s(self) -> float:
        """Mean rate of the sum [requests/s]."""
        return self.keep * self.shift_s.size * len(self.trace) / self.trace_s

    def stream(self, *, share: float, passes: int, ranks: int, seed: int) -> Draw:
        """Requests that one replica gets over `passes` periods, in order of arrival."""
        random = np.random.default_rng(seed)
        count = len(self.trace)
        population = self.shift_s.size * count
        parts = [self._pass(random, population, self.keep * share, p) for p in range(passes)]
        arrival = np.concatenate([part[0] for part in parts])
        places = np.concatenate([part[1] for part in parts])
        order = np.argsort(arrival, kind="stable")
        copy, chosen = np.divmod(places[order], count)
        cached = self.trace.cached_tokens
        return Draw(
            arrival=arrival[order],
            input_tokens=self.trace.input_tokens[chosen],
            output_tokens=self.trace.output_tokens[chosen],
            rank=random.integers(ranks, size=chosen.size),
            cached_tokens=None if cached is None else cached[chosen],
            prefixes=None if self._hashes is None else self._prefixes(copy, chosen),
        )

    @cached_property
    def _hashes(self) -> Tokens | None:
        """The trace's hashes as numbers from 0."""
        blocks = self.trace.blocks
        if blocks is None:
            return None
        return np.unique(blocks.hashes, return_inverse=True)[1].astype(np.int64).reshape(-1)

    def _prefixes(self, copy: Tokens, chosen: Tokens) -> Prefixes | None:
        """Blocks of the chosen requests; copies, also those of other passes, share none."""
        blocks = self.trace.blocks
        if blocks is None or self._hashes is None:
            return None
        starts = np.concatenate([[0], blocks.ends[:-1]])
        counts = blocks.ends - starts
        return Prefixes(self._hashes, starts[chosen], counts[chosen], copy, TOKENS_PER_BLOCK)

    def _pass(
        self, random: np.random.Generator, population: int, keep: float, number: int
    ) -> tuple[Seconds, Tokens]:
        places = self._sample(random, population, keep)
        copy, request = np.divmod(places, len(self.trace))
        moved = (self.trace.arrival_s[request] + self.shift_s[copy]) % self.trace_s
        return moved + number * self.trace_s, places + number * population

    @staticmethod
    def _sample(random: np.random.Generator, population: int, keep: float) -> Tokens:
        """Places below `population`, each kept with probability `keep`."""
        kept = int(random.binomial(population, min(keep, 1.0)))
        if kept > _MOST_REQUESTS:
            raise TraceError(f"{kept:,} requests in one replay; at most {_MOST_REQUESTS:,}")
        if kept * 20 > population:
            return random.permutation(population)[:kept]
        # few of many: repeats are rare and only drop out
        return np.unique(random.integers(population, size=kept))


def superpose(trace: Trace, *, requests_per_s: float, seed: int = 0) -> Superposition:
    """Copies of `trace` whose busiest minute has `requests_per_s`."""
    if trace.duration_s < 2 * PEAK_WINDOW_S:
        raise TraceError(
            f"{trace.source} lasts {trace.duration_s:.0f} s; a replay needs two minutes at least"
        )
    random = np.random.default_rng(seed)
    per_second = np.bincount(trace.arrival_s.astype(np.int64)).astype(np.float64)
    total = np.zeros_like(per_second)
    shifts: list[int] = []
    alone = _peak_minute(per_second)[0]
    while True:
        # the first copy keeps its time, so that one copy is the trace itself
        shift = 0 if not shifts else int(random.integers(per_second.size))
        shifts.append(shift)
        total += np.roll(per_second, shift)
        if len(shifts) * alone < requests_per_s and len(shifts) < _MOST_COPIES:
            continue  # so few are not as busy even where their busiest minutes meet
        peak, peak_start_s = _peak_minute(total)
        if peak >= requests_per_s:
            return Superposition(
                trace=trace,
                shift_s=np.array(shifts, np.float64),
                keep=requests_per_s / peak,
                requests_per_s=requests_per_s,
                peak_start_s=peak_start_s,
            )
        if len(shifts) >= _MOST_COPIES:
            raise TraceError(
                f"{trace.source} has {trace.requests_per_s:.3g} requests/s: too thin for "
                f"{requests_per_s:g} by {_MOST_COPIES:,} copies"
            )


def _peak_minute(per_second: Seconds) -> tuple[float, float]:
    """Rate in the busiest minute [requests/s], and its start [s]."""
    whole = per_second.size // PEAK_WINDOW_S * PEAK_WINDOW_S
    minutes = per_second[:whole].reshape(-1, PEAK_WINDOW_S).sum(axis=1)
    return float(minutes.max()) / PEAK_WINDOW_S, float(np.argmax(minutes)) * PEAK_WINDOW_S
