"""Where the requests of a replay come from: the workload's law or a trace, at a load in steps."""

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.verification.load import Load
from recommender.verification.sources import FromLaw, FromTrace
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
WORKLOAD = Workload("w", 40.0, Lengths(np.array([500, 1500]), np.array([100, 200])), 1.5)


def test_the_rate_of_a_load_by_hand() -> None:
    load = Load((0.0, 10.0, 20.0, 30.0), (2.0, 4.0, 1.0))
    assert load.at(np.array([0.0, 10.0, 25.0, 30.0])).tolist() == [2.0, 4.0, 1.0, 0.0]


def test_a_stream_follows_its_load_and_has_its_share_of_the_bursts() -> None:
    """Of 40/s with cv 1.5, 5/s and 10/s: sqrt(1 + 1.25/8) = 1.075, sqrt(1 + 1.25/4) = 1.146."""
    load = Load((0.0, 1000.0, 3000.0), (5.0, 10.0))
    stream = FromLaw(WORKLOAD).stream(LAW, load, 3)
    before = stream.arrival[stream.arrival < 1000.0]
    after = stream.arrival[stream.arrival >= 1000.0]
    assert before.size == pytest.approx(5000, abs=5 * 1.5 * 5000**0.5)
    assert after.size == pytest.approx(20_000, abs=5 * 1.5 * 20_000**0.5)
    for times, expected in ((before, 1.075), (after, 1.146)):
        gaps = np.diff(times)
        assert gaps.std() / gaps.mean() == pytest.approx(expected, rel=0.02)


def test_replicas_of_one_stream_meet_its_bursts_together() -> None:
    """Four that share all of a stream of cv 3: counts in 10 s rise and fall together.

    Of 400 requests on average the stream has a variance of 9*400. Each replica gets a quarter:
    its variance is 100 + (9 - 1)*100/4 = 300, and the covariance of two (3600 - 4*300)/12 = 200.
    """
    bursty = Workload("w", 40.0, WORKLOAD.lengths, 3.0)
    load = Load((0.0, 40_000.0), (10.0,))
    edges = np.arange(0.0, 40_001.0, 10.0)
    counts = [
        np.histogram(stream.arrival, edges)[0]
        for stream in FromLaw(bursty).streams(LAW, load, 5, 4)
    ]
    found = np.corrcoef(counts)[np.triu_indices(4, 1)]
    assert found.mean() == pytest.approx(2 / 3, abs=0.05)
    alone = FromLaw(bursty).stream(LAW, load, 5)
    assert np.histogram(alone.arrival, edges)[0].var() == pytest.approx(300.0, rel=0.1)


def test_a_trace_is_thinned_to_the_load() -> None:
    from test_superpose import made

    from recommender.traces.superpose import superpose

    arrivals = superpose(made(), requests_per_s=40.0)
    load = Load((0.0, 600.0, 1800.0), (2.0, 4.0))
    stream = FromTrace(arrivals).stream(LAW, load, 5)
    share = arrivals.mean_requests_per_s / arrivals.requests_per_s
    early = np.count_nonzero(stream.arrival < 600.0)
    assert early == pytest.approx(2.0 * 600 * share, rel=0.15)
    assert stream.arrival.size - early == pytest.approx(4.0 * 1200 * share, rel=0.10)
    assert stream.arrival[-1] < 1800.0
