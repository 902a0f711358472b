"""What runs of a replica say: percentiles with limits, targets, goodput, growth of the queue.

A target holds when the upper confidence limit of its percentile is inside, breaks when the lower
limit is outside, and is undecided between (95 % one-sided each) or when too few requests lie beyond
the percentile to tell (`queueing.verdict`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recommender.queueing.nodes import in_bucket
from recommender.queueing.simulated import BATCHES, Simulated
from recommender.queueing.verdict import Requirement, enough, requirements
from recommender.slo import METRICS, Metric, Slo, Target
from recommender.verification.verification import (
    PERCENTILES,
    Judged,
    JudgedGoodput,
    Measured,
)

_MINUTE_S = 60.0
_LEAST_IN_MINUTE = 100
_GROWN = 1.5


def measured_percentiles(run: Simulated) -> dict[Metric, tuple[Measured, ...]]:
    """p50, p90, p99 and p99.9 of every metric."""
    return {metric: tuple(_measured(run, metric, p) for p in PERCENTILES) for metric in METRICS}


def _measured(run: Simulated, metric: Metric, p: float) -> Measured:
    value, half = run.percentile(metric, p), run.half_width(metric, p)
    return Measured(p, value, max(value - half, 0.0), value + half)


def judge_slo(run: Simulated, slo: Slo) -> tuple[tuple[Judged, ...], JudgedGoodput | None]:
    """Every target of its own, and goodput where the SLO asks for it."""
    return tuple(judge(run, target) for target in slo.apart), judge_goodput(run, slo)


def judge(run: Simulated, target: Target) -> Judged:
    """One target against one run."""
    estimate, half = run.estimate(target)
    told = enough(run, target)
    found = Requirement(estimate, half, target.limit_s, told).verdict
    half = half if np.isfinite(half) else 0.0  # a bucket that some batches lack: undecided
    return Judged(
        target.metric, target.percentile, target.limit_s, estimate, max(estimate - half, 0.0),
        estimate + half, found, _breaks_from(run, target) if found == "breaks" else None,
        target.bucket, int(run.counted(target)),
    )  # fmt: skip


def judge_goodput(run: Simulated, slo: Slo) -> JudgedGoodput | None:
    """The share of requests that meet all limits; None where the SLO does not ask."""
    if slo.goodput is None:
        return None
    share, half = run.share_met(slo.together)
    (found,) = (part.verdict for part in requirements(run, replace(slo, targets=slo.together)))
    start = None
    if found == "breaks":
        start = _first_minute(run, ~run.met(slo.together), allowed=1.0 - slo.goodput)
    return JudgedGoodput(
        slo.goodput, share, max(share - half, 0.0), min(share + half, 1.0), found, start
    )


def _breaks_from(run: Simulated, target: Target) -> float | None:
    """Start of the first minute whose own percentile is beyond the limit [s]."""
    if target.metric == "itl":
        return None
    counts = in_bucket(target.bucket, run.input_tokens, run.output_tokens)
    counts &= ~np.isnan(getattr(run, f"{target.metric}_s"))
    return _first_minute(run, ~run.met((target,)), allowed=1.0 - target.percentile, counts=counts)


def _first_minute(
    run: Simulated,
    missed: npt.NDArray[np.bool_],
    *,
    allowed: float,
    counts: npt.NDArray[np.bool_] | None = None,
) -> float | None:
    """Start of the first minute in which more of the requests that count miss than allowed [s]."""
    since = run.arrival_s - run.arrival_s.min()
    width = max(_MINUTE_S, _LEAST_IN_MINUTE * float(since.max()) / since.size)
    minutes = (since // width).astype(np.int64)
    last = int(minutes.max()) + 1
    counted = minutes if counts is None else minutes[counts]
    misses = minutes[missed] if counts is None else minutes[missed & counts]
    here = np.bincount(counted, minlength=last)
    late = np.bincount(misses, minlength=last)
    found = np.flatnonzero((here >= _LEAST_IN_MINUTE) & (late > allowed * here))
    return float(found[0] * width) if found.size else None


def goodput(run: Simulated, targets: Sequence[Target]) -> float:
    """Share of requests that meet every target (gaps between tokens are not per request)."""
    return float(run.met(targets).mean())


def growth(run: Simulated) -> tuple[float, bool]:
    """Mean TTFT of the last batch over the first, and whether the queue grows without end.

    It grows when the batches' means rise by half and nearly every one is above the one before.
    """
    means = np.array([part.mean() for part in np.array_split(run.ttft_s, BATCHES)])
    ratio = float(means[-1] / means[0])
    rising = int(np.count_nonzero(np.diff(means) > 0.0))
    return ratio, ratio > _GROWN and rising >= BATCHES - 2
