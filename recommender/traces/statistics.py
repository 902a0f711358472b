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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.traces.trace import Seconds, Tokens

WINDOWS_S = (1.0, 10.0, 60.0, 300.0)
LOCAL_WINDOW_S = 300.0
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


def windows_of(per_second: Tokens, duration_s: float) -> tuple[Window, ...]:
    """Windows of which a trace of this duration has two; counts per second, shape (seconds,)."""
    return tuple(
        _window(per_second, int(w), duration_s) for w in WINDOWS_S if duration_s >= 2.0 * w
    )


def _window(per_second: Tokens, seconds: int, duration_s: float) -> Window:
    whole = int(duration_s // seconds)
    counts = per_second[: whole * seconds].reshape(whole, seconds).sum(axis=1).astype(np.float64)
    mean = float(counts.mean())
    dispersion = float(counts.var(ddof=1) / mean) if whole > 1 and mean > 0 else 1.0
    peak = int(np.argmax(counts))
    return Window(
        seconds=float(seconds),
        peak_requests_per_s=float(counts[peak]) / seconds,
        peak_start_s=float(peak * seconds),
        dispersion=dispersion,
        rate_variation=float(np.sqrt(max(dispersion - 1.0, 0.0) / mean)) if mean > 0 else 0.0,
    )


def is_rounded(equal_times: int, requests: int) -> bool:
    """Whether so many requests have the time of the one before that times must be rounded."""
    return equal_times > _ROUNDED * (requests - 1)


def burstiness_of(gaps: Sequence[Seconds], windows: tuple[Window, ...], *, rounded: bool) -> float:
    """Median cv of the gaps; `gaps`: number, sum and sum of squares per window of 300 s."""
    if rounded:
        tens = next((w for w in windows if w.seconds == 10.0), None)
        return float(np.sqrt(max(tens.dispersion, 1.0))) if tens else 1.0
    number, total, squares = gaps
    filled = (number >= _LEAST_IN_WINDOW) & (total > 0.0)
    if filled.any():
        return float(np.median(_variation(number[filled], total[filled], squares[filled])))
    return float(_variation(number.sum(), total.sum(), squares.sum()))


def _variation(number: Seconds, total: Seconds, squares: Seconds) -> Seconds:
    """Standard deviation over mean."""
    mean = total / number
    variance: Seconds = np.maximum(squares / number - mean * mean, 0.0)
    return np.sqrt(variance) / mean
