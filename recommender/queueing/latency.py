"""Latency percentiles of replicas at a rate, by closed forms.

The percentile of a metric is the t where its probability of being exceeded (`percentiles`) is
1 - p; found by bisection on log t, for all laws at once. At or above capacity it is infinite.
Over a profile of the rate, probabilities are averaged over its levels, by requests.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import Number, StepLaw
from recommender.queueing.capacity import replica_capacity
from recommender.queueing.laws import Array, as_laws, step_gains
from recommender.queueing.moments import length_moments
from recommender.queueing.percentiles import tail_of
from recommender.queueing.steady_state import Prepared, SteadyState, prepare, steady_state
from recommender.rate_profile import PEAK_ALONE, Level
from recommender.slo import EVERY_REQUEST, METRICS, Bucket, Metric, Target
from recommender.stream import POISSON, Stream
from recommender.workload import Lengths, Workload

_SHORTEST_S = 1e-5
_LONGEST_S = 1e5
_HALVINGS = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """One percentile of each metric [s], shape (n,)."""

    ttft_s: npt.NDArray[np.float64]
    tpot_s: npt.NDArray[np.float64]
    itl_s: npt.NDArray[np.float64]
    e2e_s: npt.NDArray[np.float64]


def latency(
    law: StepLaw,
    lengths: Lengths,
    requests_per_s: Number,
    *,
    stream: Stream = POISSON,
    percentile: float = 0.99,
    metrics: Collection[Metric] = METRICS,
    bucket: Bucket = EVERY_REQUEST,
    levels: Sequence[Level] = PEAK_ALONE,
) -> Latency:
    """Percentiles of replicas that each receive `requests_per_s` (scalar or shape (n,)).

    Parameters
    ----------
    requests_per_s
        Rate of one replica, over all its ranks [requests/s].
    stream
        What the replicas get their requests from; `POISSON` is independent of its rate.
    metrics
        The metrics that are wanted; the others come back as NaN, uncomputed.
    bucket
        The requests whose percentile is wanted; gaps between tokens are those of all.
    levels
        Of the profile of the rate; `requests_per_s` is that of the busiest window.
    """
    moments = length_moments(lengths, step_gains(law))
    laws = as_laws(law, attended=moments.attended)
    rate = np.broadcast_to(np.asarray(requests_per_s, dtype=np.float64), (len(laws),))
    most = replica_capacity(laws, moments)
    known = prepare(laws, moments, stream=stream)
    states = _states(known, np.minimum(rate, most) / laws.ranks, levels)
    times = {
        metric: np.where(
            rate < most, _quantile(metric, known, states, 1.0 - percentile, bucket), np.inf
        )
        if metric in metrics
        else np.full(len(laws), np.nan)
        for metric in METRICS
    }
    return Latency(**{f"{metric}_s": t for metric, t in times.items()})


def target_s(
    law: StepLaw, workload: Workload, target: Target, requests_per_s: Number
) -> npt.NDArray[np.float64]:
    """The percentile that a target asks about [s], of replicas at a rate each, shape (n,)."""
    found = latency(
        law,
        workload.lengths,
        requests_per_s,
        stream=workload.stream,
        percentile=target.percentile,
        metrics=(target.metric,),
        bucket=target.bucket,
        levels=workload.levels(),
    )
    return np.asarray(getattr(found, f"{target.metric}_s"), dtype=np.float64)


def _states(
    known: Prepared, rank_rate: Array, levels: Sequence[Level]
) -> list[tuple[float, SteadyState]]:
    """The replicas at each level, and the share of requests that comes there."""
    return [
        (weight, steady_state(known, rank_rate * relative, relative=relative))
        for weight, relative in levels
    ]


def _quantile(
    metric: Metric,
    known: Prepared,
    states: Sequence[tuple[float, SteadyState]],
    exceeded: float,
    bucket: Bucket,
) -> Array:
    """t with P(metric > t) = `exceeded`, by bisection on log t; 0 where it is never exceeded."""
    tails = [(weight, tail_of(metric, known, state, bucket)) for weight, state in states]
    low = np.full(len(known.laws), np.log(_SHORTEST_S))
    high = np.full(len(known.laws), np.log(_LONGEST_S))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        time_s = np.exp(middle)
        found = sum(weight * tail(time_s) for weight, tail in tails)
        late = found > exceeded
        low = np.where(late, middle, low)
        high = np.where(late, high, middle)
    return np.where(high <= np.log(_SHORTEST_S) + 1e-6, 0.0, np.exp(high))
