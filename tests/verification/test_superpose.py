"""A trace at other rates: copies above its own, thinning below."""

import numpy as np
import pytest

from recommender.traces.superpose import superpose
from recommender.traces.trace import Trace, TraceError


def made(rate: float = 5.0, seconds: float = 1800.0) -> Trace:
    random = np.random.default_rng(3)
    arrival = np.cumsum(random.exponential(1 / rate, int(rate * seconds)))
    count = arrival.size
    return Trace(
        "made", "compact", arrival - arrival[0], random.integers(1, 900, count),
        random.integers(1, 90, count), None, (),
    )  # fmt: skip


def peak_minute(arrival_s: np.ndarray) -> float:
    return float(np.bincount((arrival_s // 60).astype(int)).max() / 60)


@pytest.mark.parametrize("rate", [1.0, 4.0, 50.0, 700.0])
def test_the_busiest_minute_has_the_wanted_rate(rate: float) -> None:
    sum_of_copies = superpose(made(), requests_per_s=rate)
    stream = sum_of_copies.stream(share=1.0, passes=1, ranks=1, seed=0)
    assert np.all(np.diff(stream.arrival) >= 0)
    # thinning at random moves the busiest minute by its own noise
    assert peak_minute(stream.arrival) == pytest.approx(rate, rel=4 / np.sqrt(60 * rate))
    assert sum_of_copies.keep <= 1.0


def test_one_copy_at_its_own_rate_is_the_trace() -> None:
    trace = made()
    peak = np.bincount(trace.arrival_s.astype(int))[:1740].reshape(-1, 60).sum(axis=1).max() / 60
    same = superpose(trace, requests_per_s=float(peak))
    assert same.shift_s.tolist() == [0.0]
    stream = same.stream(share=1.0, passes=1, ranks=1, seed=0)
    assert stream.arrival.size == pytest.approx(len(trace), abs=1)


def test_a_replica_gets_its_share_over_all_passes() -> None:
    many = superpose(made(), requests_per_s=100.0)
    stream = many.stream(share=0.02, passes=3, ranks=4, seed=1)
    expected = 0.02 * many.mean_requests_per_s * 3 * many.period_s
    assert stream.arrival.size == pytest.approx(expected, rel=0.05)
    assert stream.arrival[-1] > 2 * many.period_s
    assert set(stream.rank.tolist()) == {0, 1, 2, 3}


def test_short_traces_are_refused() -> None:
    with pytest.raises(TraceError, match="two minutes"):
        superpose(made(seconds=60.0), requests_per_s=5.0)
