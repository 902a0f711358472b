"""What a trace says about its workload.

Symbol   Meaning                                                                   Unit
N_w      requests in successive windows of w seconds                               count
peak_w   max(N_w) / w, the rate that a plan must carry                             requests/s
IDC_w    Var[N_w] / E[N_w], index of dispersion of counts: 1 for Poisson           -
v_w      sqrt(max(IDC_w - 1, 0) / E[N_w]): variation of the rate itself, without   -
         the noise that any arrivals have; independent of how busy the service is
cv       standard deviation over mean of the times between arrivals                -

Burstiness is the median cv inside windows of 300 s: slow changes of the rate do not count. Where
more than a fifth of the gaps are zero, times are rounded; then it is sqrt(IDC_10), since the index
of a renewal process tends to cv^2.
"""

from dataclasses import dataclass

import numpy as np

from recommender.traces.trace import Seconds, Tokens, Trace

WINDOWS_S = (1.0, 10.0, 60.0, 300.0)
_LOCAL_WINDOW_S = 300.0
_LEAST_IN_WINDOW = 20
_ROUNDED = 0.2


@dataclass(frozen=True, slots=True)
class Window:
    """Counts in windows of one length."""

    seconds: float
    peak_requests_per_s: float
    peak_start_s: float
    dispersion: float
    rate_variation: float


@dataclass(frozen=True, slots=True)
class LengthSummary:
    """Mean and percentiles of one length [tokens]."""

    mean: float
    p50: float
    p90: float
    p99: float
    longest: int


@dataclass(frozen=True, slots=True)
class TraceStatistics:
    """Summary of a trace. `profile` is the rate in up to 24 equal parts of it [requests/s]."""

    requests: int
    duration_s: float
    requests_per_s: float
    windows: tuple[Window, ...]
    burstiness: float
    rounded_times: bool
    input_tokens: LengthSummary
    output_tokens: LengthSummary
    correlation: float
    cached_share: float | None
    """Prompt tokens that an unbounded prefix cache would serve, of all prompt tokens."""
    profile: tuple[float, ...]

    def window(self, seconds: float) -> Window | None:
        """The window of that length; None where the trace is shorter than two of them."""
        return next((w for w in self.windows if w.seconds == seconds), None)


def trace_statistics(trace: Trace) -> TraceStatistics:
    """Describe a trace."""
    gaps = np.diff(trace.arrival_s)
    windows = tuple(_window(trace.arrival_s, w) for w in WINDOWS_S if trace.duration_s >= 2.0 * w)
    rounded = bool(np.mean(gaps == 0.0) > _ROUNDED)
    parts = 24 if len(trace) >= 240 else max(len(trace) // 10, 1)
    counts = np.histogram(trace.arrival_s, bins=parts, range=(0.0, trace.duration_s))[0]
    cached = trace.cached_tokens
    return TraceStatistics(
        requests=len(trace),
        duration_s=trace.duration_s,
        requests_per_s=trace.requests_per_s,
        windows=windows,
        burstiness=_burstiness(trace.arrival_s, windows, rounded=rounded),
        rounded_times=rounded,
        input_tokens=_summary(trace.input_tokens),
        output_tokens=_summary(trace.output_tokens),
        correlation=_correlation(trace),
        cached_share=None if cached is None else float(cached.sum() / trace.input_tokens.sum()),
        profile=tuple((counts * parts / trace.duration_s).tolist()),
    )


def _window(arrival_s: Seconds, seconds: float) -> Window:
    whole = int(arrival_s[-1] // seconds)
    places = (arrival_s // seconds).astype(np.int64)
    counts = np.bincount(places[places < whole], minlength=whole).astype(np.float64)
    mean = float(counts.mean())
    dispersion = float(counts.var(ddof=1) / mean) if whole > 1 and mean > 0 else 1.0
    peak = int(np.argmax(counts))
    return Window(
        seconds=seconds,
        peak_requests_per_s=float(counts[peak]) / seconds,
        peak_start_s=peak * seconds,
        dispersion=dispersion,
        rate_variation=float(np.sqrt(max(dispersion - 1.0, 0.0) / mean)) if mean > 0 else 0.0,
    )


def _burstiness(arrival_s: Seconds, windows: tuple[Window, ...], *, rounded: bool) -> float:
    if rounded:
        tens = next((w for w in windows if w.seconds == 10.0), None)
        return float(np.sqrt(max(tens.dispersion, 1.0))) if tens else 1.0
    gaps = np.diff(arrival_s)
    places = (arrival_s[1:] // _LOCAL_WINDOW_S).astype(np.int64)
    cuts = np.flatnonzero(np.diff(places)) + 1
    local = [
        float(part.std() / part.mean())
        for part in np.split(gaps, cuts)
        if part.size >= _LEAST_IN_WINDOW and part.mean() > 0
    ]
    return float(np.median(local)) if local else float(gaps.std() / gaps.mean())


def _summary(tokens: Tokens) -> LengthSummary:
    p50, p90, p99 = np.quantile(tokens, [0.5, 0.9, 0.99])
    return LengthSummary(
        float(tokens.mean()), float(p50), float(p90), float(p99), int(tokens.max())
    )


def _correlation(trace: Trace) -> float:
    if trace.input_tokens.std() == 0.0 or trace.output_tokens.std() == 0.0:
        return 0.0
    return float(np.corrcoef(trace.input_tokens, trace.output_tokens)[0, 1])
