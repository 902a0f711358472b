"""What runs of a replica say: percentiles with limits, targets, goodput, growth of the queue.

A target holds when the upper confidence limit of its percentile is inside, breaks when the lower
limit is outside, and is undecided between (95 % one-sided each).
"""

from collections.abc import Sequence

import numpy as np

from recommender.queueing.simulated import BATCHES, Simulated
from recommender.slo import METRICS, Metric, Target
from recommender.verification.verification import PERCENTILES, Judged, Measured, Verdict

_MINUTE_S = 60.0
_LEAST_IN_MINUTE = 100
_GROWN = 1.5


def measured_percentiles(run: Simulated) -> dict[Metric, tuple[Measured, ...]]:
    """p50, p90, p99 and p99.9 of every metric."""
    return {metric: tuple(_measured(run, metric, p) for p in PERCENTILES) for metric in METRICS}


def _measured(run: Simulated, metric: Metric, p: float) -> Measured:
    value, half = run.percentile(metric, p), run.half_width(metric, p)
    return Measured(p, value, max(value - half, 0.0), value + half)


def judge(run: Simulated, target: Target) -> Judged:
    """One target against one run."""
    found = _measured(run, target.metric, target.percentile)
    verdict: Verdict = "undecided"
    if found.high_s <= target.limit_s:
        verdict = "holds"
    elif found.low_s > target.limit_s:
        verdict = "breaks"
    start = _breaks_from(run, target) if verdict == "breaks" else None
    return Judged(
        target.metric, target.percentile, target.limit_s, found.value_s, found.low_s,
        found.high_s, verdict, start,
    )  # fmt: skip


def _breaks_from(run: Simulated, target: Target) -> float | None:
    """Start of the first minute whose own percentile is beyond the limit [s]."""
    if target.metric == "itl":
        return None
    times = getattr(run, f"{target.metric}_s")
    since = run.arrival_s - run.arrival_s[0]
    width = max(_MINUTE_S, _LEAST_IN_MINUTE * float(since[-1]) / since.size)
    minutes = (since // width).astype(np.int64)
    for minute in range(int(minutes[-1]) + 1):
        part = times[minutes == minute]
        part = part[~np.isnan(part)]
        if part.size >= _LEAST_IN_MINUTE and np.quantile(part, target.percentile) > target.limit_s:
            return float(minute * width)
    return None


def goodput(run: Simulated, targets: Sequence[Target]) -> float:
    """Share of requests that meet every target (gaps between tokens are not per request)."""
    good = np.ones(run.ttft_s.size, dtype=np.bool_)
    for target in targets:
        if target.metric != "itl":
            times = getattr(run, f"{target.metric}_s")
            good &= (times <= target.limit_s) | np.isnan(times)
    return float(good.mean())


def growth(run: Simulated) -> tuple[float, bool]:
    """Mean TTFT of the last batch over the first, and whether the queue grows without end.

    It grows when the batches' means rise by half and nearly every one is above the one before.
    """
    means = np.array([part.mean() for part in np.array_split(run.ttft_s, BATCHES)])
    ratio = float(means[-1] / means[0])
    rising = int(np.count_nonzero(np.diff(means) > 0.0))
    return ratio, ratio > _GROWN and rising >= BATCHES - 2
