"""What a trace says about its workload.

Symbol   Meaning                                                                   Unit
N_w      requests in successive windows of w seconds                               count
peak_w   max(N_w) / w, the rate that a plan must carry                             requests/s
IDC_w    Var[N_w] / E[N_w], index of dispersion of counts: 1 for Poisson           -
v_w      sqrt(max(IDC_w - 1, 0) / E[N_w]): variation of the rate itself, without   -
         the noise that any arrivals have; independent of how busy the service is

Burstiness is measured in the busiest minutes (`burstiness`).
"""

from dataclasses import dataclass

import numpy as np

from recommender.traces.trace import Tokens

WINDOWS_S = (1.0, 10.0, 60.0, 300.0)


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
    burstiness_of_counts: float | None
    """What counts over 10 s or a little more say of the same minutes; None where none is busy."""
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
