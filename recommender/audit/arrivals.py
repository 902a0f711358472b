"""Requests of a replica, drawn from those of the whole service, for the audit's replays.

Of a stream with gamma gaps (mean 1/Q, coefficient of variation c) each request comes to the replica
with probability p = rate/Q, at most 1. The next that comes is the N-th from now, N geometric, and N
gaps of the stream together are gamma distributed with N times the shape of one.
"""

import numpy as np

from recommender.queueing.arrivals import Draw
from recommender.workload import Workload


def requests_of_share(
    workload: Workload, rate: float, *, stream_rate: float, count: int, ranks: int, seed: int
) -> Draw:
    """`count` requests at `rate`, of a stream of `stream_rate` [requests/s]; times in seconds."""
    random = np.random.default_rng([seed, 1])
    square = workload.burstiness**2
    passed = random.geometric(min(1.0, rate / stream_rate), count)
    gaps_s = random.gamma(passed / square, square) / max(stream_rate, rate)
    lengths = workload.lengths
    chosen = random.integers(lengths.input_tokens.size, size=count)
    found = lengths.cached_tokens
    return Draw(
        arrival=np.cumsum(gaps_s),
        input_tokens=lengths.input_tokens[chosen].astype(np.int64),
        output_tokens=lengths.output_tokens[chosen].astype(np.int64),
        rank=random.integers(ranks, size=count),
        cached_tokens=None if found is None else found[chosen],
    )
