"""Statistics of a trace in one pass and bounded memory, however long the file.

Kept are counts per second, counts per length, and sums; all of `TraceStatistics` follows from
them exactly, but for the profile, whose parts end at whole seconds. Rows out of order are sorted
within a block of the file; a row that comes earlier than the block before counts in the rates and
lengths, and its gap in none. A row is *repeated* when the one before has its time and lengths.

burstiness   per minute: number, sum and sum of squares of the gaps inside it (`burstiness`)
"""

import numpy as np

from recommender.traces.block import Block
from recommender.traces.burstiness import GapSums, burstiness_of_counts
from recommender.traces.growing import added
from recommender.traces.statistics import LengthSummary, TraceStatistics, Window, windows_of
from recommender.traces.trace import Seconds, Tokens, TraceError

MOST_SECONDS = 40_000_000
"""15 months, of which counts per second take 320 MB."""
_PARTS = 24


class Survey:
    """Sums over the blocks of a trace."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.requests = 0
        self.late = 0
        self.repeated = 0
        self.per_second = np.zeros(0, np.int64)
        self.first_s = self.last_s = self.origin_s = 0.0
        self._gaps = GapSums()
        self._inputs = np.zeros(0, np.int64)
        self._outputs = np.zeros(0, np.int64)
        self._products = self._cached = 0.0
        self._has_cache = True

    def add(self, block: Block) -> None:
        """Count the requests of the next block."""
        if not block.arrival_s.size:
            return
        gaps = np.diff(block.arrival_s)
        self.late += int(np.count_nonzero(gaps < 0.0))
        same = (gaps == 0.0) & (np.diff(block.input_tokens) == 0)
        self.repeated += int(np.count_nonzero(same & (np.diff(block.output_tokens) == 0)))
        times = np.sort(block.arrival_s)
        if not self.requests:
            self.origin_s = self.first_s = self.last_s = float(times[0])
        else:
            self.late += int(times[0] < self.last_s)
        self._add_times(times)
        self._inputs = added(self._inputs, np.bincount(block.input_tokens))
        self._outputs = added(self._outputs, np.bincount(block.output_tokens))
        self._products += float(block.input_tokens.astype(float) @ block.output_tokens)
        self._has_cache &= block.cached_tokens is not None
        if block.cached_tokens is not None:
            self._cached += float(block.cached_tokens.sum())

    def _add_times(self, times: Seconds) -> None:
        self._count_seconds(times)  # refuses times far apart, for which there is no memory
        follows = times
        if self.requests:
            follows = np.concatenate([[self.last_s], times[times >= self.last_s]])
        self._gaps.add(follows)
        self.first_s = min(self.first_s, float(times[0]))
        self.last_s = max(self.last_s, float(times[-1]))
        self.requests += times.size

    def _count_seconds(self, times: Seconds) -> None:
        if max(times[-1], self.last_s) - min(times[0], self.first_s) > MOST_SECONDS:
            raise TraceError(
                f"{self.source}: requests lie more than {MOST_SECONDS / 86_400:.0f} days apart; "
                "cut the trace, or repair its times"
            )
        places = np.floor(times - self.origin_s).astype(np.int64)
        if places[0] < 0:  # earlier than the first row
            self.per_second = np.concatenate([np.zeros(-places[0], np.int64), self.per_second])
            self.origin_s += float(places[0])
            places -= places[0]
        self.per_second = added(self.per_second, np.bincount(places))

    @property
    def duration_s(self) -> float:
        """First to last arrival [s]."""
        return self.last_s - self.first_s

    def statistics(self) -> TraceStatistics:
        """The summary; TraceError if all requests have the same time."""
        if self.duration_s <= 0.0:
            raise TraceError(
                f"{self.source}: all {self.requests} requests have the same time; no rate"
            )
        windows = windows_of(self.per_second, self.duration_s)
        of_counts = burstiness_of_counts(self.per_second)
        inputs, outputs = _summary(self._inputs), _summary(self._outputs)
        share = self._cached / (inputs.mean * self.requests) if self._has_cache else None
        return TraceStatistics(
            requests=self.requests,
            duration_s=self.duration_s,
            requests_per_s=(self.requests - 1) / self.duration_s,
            windows=windows,
            burstiness=self._burstiness(windows, of_counts),
            burstiness_of_counts=of_counts,
            rounded_times=self._gaps.rounded,
            input_tokens=inputs,
            output_tokens=outputs,
            correlation=self._correlation(inputs.mean, outputs.mean),
            cached_share=share,
            profile=self._profile(),
        )

    def _burstiness(self, windows: tuple[Window, ...], of_counts: float | None) -> float:
        if not self._gaps.rounded:
            return self._gaps.burstiness()
        if of_counts is not None:
            return of_counts
        tens = next((w for w in windows if w.seconds == 10.0), None)
        return float(np.sqrt(max(tens.dispersion, 1.0))) if tens else 1.0

    def _correlation(self, input_mean: float, output_mean: float) -> float:
        spread = _deviation(self._inputs, input_mean) * _deviation(self._outputs, output_mean)
        covariance = self._products / self.requests - input_mean * output_mean
        return covariance / spread if spread > 0.0 else 0.0

    def _profile(self) -> tuple[float, ...]:
        parts = _PARTS if self.requests >= 10 * _PARTS else max(self.requests // 10, 1)
        parts = min(parts, self.per_second.size)
        edges = np.linspace(0, self.per_second.size, parts + 1).round().astype(np.int64)
        counts = np.add.reduceat(self.per_second, edges[:-1])
        return tuple((counts / np.diff(edges)).tolist())


def _summary(counts: Tokens) -> LengthSummary:
    """Of counts per length; percentiles are interpolated between requests, as numpy does."""
    total = int(counts.sum())
    below = np.cumsum(counts)

    def at(place: int) -> int:
        return int(np.searchsorted(below, place, side="right"))

    def percentile(p: float) -> float:
        low, share = divmod(p * (total - 1), 1.0)
        return (1.0 - share) * at(int(low)) + share * at(min(int(low) + 1, total - 1))

    mean = float(counts @ np.arange(counts.size)) / total
    return LengthSummary(mean, percentile(0.5), percentile(0.9), percentile(0.99), counts.size - 1)


def _deviation(counts: Tokens, mean: float) -> float:
    spread = float(counts @ (np.arange(counts.size) - mean) ** 2)
    return float(np.sqrt(spread / counts.sum()))
