"""Arrivals of a replica that gets a share of a bursty stream."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import draw_for_several, draw_requests
from recommender.queueing.largest_rate import largest_rate
from recommender.queueing.latency import latency
from recommender.queueing.shared_gaps import shared_gaps
from recommender.queueing.simulated_rate import simulated_rate
from recommender.queueing.simulator import replay, simulate
from recommender.slo import Slo, Target
from recommender.stream import POISSON, Stream
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
LENGTHS = Lengths(np.array([500, 1500]), np.array([50, 150]))
SLO = Slo((Target("ttft", 0.25), Target("tpot", 0.05)))


def thinned(burstiness: float, share: float, count: int) -> np.ndarray:
    """Gaps of the requests that are kept of a stream that is drawn whole, mean 1."""
    random = np.random.default_rng(7)
    stream = np.cumsum(random.gamma(burstiness**-2, burstiness**2, count))
    kept = stream[random.random(count) < share]
    return np.diff(kept) * share


@pytest.mark.parametrize(("burstiness", "share"), [(4.0, 0.3), (2.0, 0.05), (0.5, 0.5)])
def test_gaps_are_those_of_a_stream_that_is_thinned(burstiness: float, share: float) -> None:
    drawn = shared_gaps(400_000, seed=3, burstiness=burstiness, share=share)
    kept = thinned(burstiness, share, int(400_000 / share))
    assert drawn.mean() == pytest.approx(1.0, rel=0.02)
    # 1 + p (c^2 - 1)
    assert drawn.var() == pytest.approx(1 + share * (burstiness**2 - 1), rel=0.06)
    shares = [0.2, 0.5, 0.8, 0.95, 0.99]
    low, high = np.quantile(drawn, shares), np.quantile(kept, shares)
    assert low == pytest.approx(high, rel=0.04, abs=2e-3)


@settings(max_examples=25, deadline=None)
@given(
    burstiness=st.floats(0.1, 20.0).filter(lambda c: abs(c - 1.0) > 1e-3),
    share=st.floats(1e-5, 0.999),
    seed=st.integers(0, 2**31),
)
def test_gaps_are_times_and_the_same_for_the_same_seed(
    burstiness: float, share: float, seed: int
) -> None:
    gaps = shared_gaps(500, seed=seed, burstiness=burstiness, share=share)
    assert np.isfinite(gaps).all() and (gaps >= 0.0).all()
    again = shared_gaps(500, seed=seed, burstiness=burstiness, share=share)
    assert np.array_equal(gaps, again)


def test_near_shares_have_near_arrivals() -> None:
    """Searches compare rates that differ by a percent: noise must not be larger than that."""
    one, near = (shared_gaps(50_000, seed=1, burstiness=4.0, share=p) for p in (0.1, 0.101))
    other = shared_gaps(50_000, seed=2, burstiness=4.0, share=0.1)
    assert np.abs(one - near).mean() < 0.03 < 0.5 < np.abs(one - other).mean()


def test_a_small_share_is_poisson_and_all_of_it_is_the_stream() -> None:
    small = np.diff(draw(share=1e-6).arrival)
    assert small.std() == pytest.approx(1.0, abs=0.03)
    assert np.quantile(small, 0.5) == pytest.approx(np.log(2.0), abs=0.02)
    assert np.array_equal(draw(share=1.0).arrival, draw(share=2.0).arrival)
    whole = np.diff(draw(share=1.0).arrival)
    assert whole.std() == pytest.approx(3.0, rel=0.1)


def draw(*, share: float):
    return draw_requests(LENGTHS, count=50_000, seed=4, burstiness=3.0, ranks=2, share=share)


def test_shares_have_the_same_lengths_and_ranks() -> None:
    one, other = draw(share=0.2), draw(share=1.0)
    assert np.array_equal(one.input_tokens, other.input_tokens)
    assert np.array_equal(one.rank, other.rank)


def test_what_replicas_get_together_is_the_stream() -> None:
    parts = draw_for_several(
        LENGTHS, Stream(3.0, 40.0), requests_per_s=10.0, replicas=4, count=9000, seed=1, ranks=1
    )
    together = np.sort(np.concatenate([part.arrival for part in parts]))
    whole = draw_requests(LENGTHS, count=9000, seed=1, burstiness=3.0, ranks=1).arrival / 40.0
    assert together == pytest.approx(whole)


def test_the_share_by_hand() -> None:
    stream = Stream(3.0, 40.0)
    # 10 of 40 requests/s: p = 1/4, cv^2 = 1 + 8/4 = 3
    assert stream.share(10.0) == 0.25
    assert stream.burstiness_at(np.array([10.0, 40.0, 80.0])) == pytest.approx([3**0.5, 3.0, 3.0])
    assert stream.shared_by(np.array([10.0, 80.0])).tolist() == [40.0, 80.0]
    assert Stream(3.0).share(5.0) == 1.0 and POISSON.burstiness_at(np.array([7.0])) == 1.0


@pytest.mark.parametrize("metric", ["ttft", "e2e"])
def test_closed_forms_meet_a_thinned_stream(metric: str) -> None:
    """A stream of cv 4, drawn whole at 120/s and thinned to 12/s: p99 within 20 %."""
    stream, rate = Stream(4.0, 120.0), 12.0
    found = getattr(latency(LAW, LENGTHS, rate, stream=stream), f"{metric}_s")[0]
    whole = draw_requests(LENGTHS, count=600_000, seed=9, burstiness=4.0, ranks=1)
    kept = np.flatnonzero(np.random.default_rng(9).random(600_000) < 0.1)
    run = replay(LAW, whole.take(kept, arrival=whole.arrival[kept] / 120.0), lead=2000)
    assert found == pytest.approx(run.percentile(metric, 0.99), rel=0.2)
    drawn = simulate(LAW, LENGTHS, rate, requests=60_000, stream=stream)
    assert drawn.percentile(metric, 0.99) == pytest.approx(run.percentile(metric, 0.99), rel=0.06)


def test_a_smaller_share_carries_more() -> None:
    """From a service of one replica's size to one of a thousand, which is nearly Poisson."""
    rates = [rate_of(Workload("w", q, LENGTHS, 4.0)) for q in (10.0, 40.0, 200.0, 1e4)]
    assert all(low < high for low, high in pairwise(rates))

    def p99_s(stream: Stream) -> float:
        runs = (simulate(LAW, LENGTHS, 20.0, seed=seed, stream=stream) for seed in range(8))
        return float(np.mean([run.percentile("ttft", 0.99) for run in runs]))

    assert p99_s(Stream(4.0, 1e6)) == pytest.approx(p99_s(POISSON), rel=0.03)


def rate_of(workload: Workload) -> float:
    guess = float(largest_rate(LAW, workload, SLO)[0])
    return simulated_rate(LAW, workload, SLO, guess=guess).requests_per_s


def test_closed_form_rates_rise_with_the_stream_up_to_poissons() -> None:
    rates = [
        float(largest_rate(LAW, Workload("w", q, LENGTHS, 4.0), SLO, factor=factor)[0])
        for factor in ("central", "lower", "upper")
        for q in (10.0, 40.0, 200.0, 1e4, 1e7)
    ]
    for start in (0, 5):  # upper factors are wider for burstier arrivals
        assert all(low <= high for low, high in pairwise(rates[start : start + 5]))
    for place, factor in enumerate(("central", "lower", "upper")):
        poisson = largest_rate(LAW, Workload("w", 10.0, LENGTHS), SLO, factor=factor)[0]
        assert rates[5 * place + 4] == pytest.approx(poisson, rel=1e-3)


def test_a_fleet_that_shrinks_is_sized_for_its_quietest_period() -> None:
    peak = Workload("w", 100.0, LENGTHS, 4.0)
    night = Workload("w", 20.0, LENGTHS, 4.0)
    shrinks = Workload("w", 100.0, LENGTHS, 4.0, least_requests_per_s=20.0)
    assert shrinks.quietest.stream == night.stream != peak.stream == shrinks.stream
    assert peak.quietest is peak


def test_a_safe_rate_below_which_a_replica_meets_no_bursts_by_hand() -> None:
    """cv 4 at 20/s: up to 20 * (1.5625 - 1)/15 = 0.75 requests/s a replica meets cv 1.25."""
    stream = Stream(4.0, 20.0)
    assert stream.rate_up_to(1.25) == pytest.approx(0.75)
    assert stream.burstiness_at(np.array([0.75])) == pytest.approx(1.25)
    assert Stream(1.2, 20.0).rate_up_to(1.25) == float("inf") and Stream(4.0).rate_up_to(1.25) == 0
    safe = float(largest_rate(LAW, Workload("w", 20.0, LENGTHS, 4.0), SLO, factor="lower")[0])
    assert safe == pytest.approx(0.75)  # without a share there is none
    assert largest_rate(LAW, Workload("w", 0.0, LENGTHS, 4.0), SLO, factor="lower")[0] == 0.0
