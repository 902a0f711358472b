"""Formulas of the queue, each against hand arithmetic, a sampled law or a limit."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity, prefill_moments
from recommender.queueing.chunk_budget import largest_chunk_tokens
from recommender.queueing.clumping import clumping, split_variability
from recommender.queueing.latency import latency
from recommender.queueing.laws import as_laws
from recommender.queueing.lockstep import lockstep
from recommender.queueing.moments import length_moments
from recommender.queueing.nodes import length_nodes
from recommender.queueing.percentiles import exceedance
from recommender.queueing.prompt_wait import Stalls, prompt_wait
from recommender.queueing.simulator import simulate
from recommender.queueing.steady_state import prepare, steady_state
from recommender.queueing.tails import (
    gamma_tail,
    largest_of_normals,
    normal_quantile,
    normal_tail,
)
from recommender.stream import POISSON, Stream
from recommender.workload import Lengths

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
PAIR = Lengths(np.array([100, 300]), np.array([11, 31]))


def test_normal_tail_is_accurate_in_its_tail() -> None:
    z = np.array([-2.0, 0.0, 1.0, 2.326348, 3.090232, 4.0])
    exact = np.array([0.5 * math.erfc(value / math.sqrt(2)) for value in z])
    assert normal_tail(z) == pytest.approx(exact, rel=5e-3)
    assert normal_tail(np.array([50.0, -50.0])) == pytest.approx([0.0, 1.0], abs=1e-12)


def test_gamma_tail_meets_the_exponential_and_sampled_gammas() -> None:
    one = np.ones(1)
    # exponential: P(X > ln 100) = 1 %
    assert gamma_tail(one * math.log(100), mean=one, variance=one) == pytest.approx(0.01, rel=0.05)
    random = np.random.default_rng(0)
    for shape in (0.8, 2.0, 20.0):
        sample = random.gamma(shape, 1 / shape, 400_000)
        for p in (0.5, 0.1, 0.01):
            t = np.quantile(sample, 1 - p)
            tail = gamma_tail(one * t, mean=one, variance=one / shape)
            assert tail == pytest.approx(p, rel=0.06)
    assert gamma_tail(-one, mean=one, variance=one) == 1.0
    heavy = gamma_tail(np.linspace(0.1, 50, 50), mean=np.ones(50), variance=np.full(50, 9.0))
    assert np.all(np.diff(heavy) < 0)


def test_extremes_of_normals() -> None:
    # published expected maxima of 1, 2, 8 and 16 normal variables
    expected = [0.0, 0.5642, 1.4236, 1.7660]
    found = largest_of_normals(np.array([1.0, 2.0, 8.0, 16.0]))
    assert found == pytest.approx(expected, abs=0.03)
    assert normal_quantile(0.99) == pytest.approx(2.3263, abs=1e-4)


def test_moments_by_hand() -> None:
    moments = length_moments(PAIR)
    assert moments.input_powers[:3] == (1.0, 200.0, (100**2 + 300**2) / 2)
    assert moments.decode_steps == 20.0  # (10 + 30) / 2
    # (10*100 + 10*11/2 + 30*300 + 30*31/2) / (10 + 30)
    assert moments.context == pytest.approx((1000 + 55 + 9000 + 465) / 40)
    # reservations 111 and 331, resident for 11 and 31 steps
    assert moments.held == pytest.approx((11 * 111 + 31 * 331) / 42)
    assert moments.longest == 331


def test_one_token_outputs_have_no_gaps() -> None:
    assert length_nodes(Lengths(np.array([10, 20]), np.array([1, 1]))).outputs is None
    assert latency(LAW, Lengths(np.array([10, 20]), np.array([1, 1])), 1.0).tpot_s[0] == 0.0


def test_prefill_moments_by_hand() -> None:
    d, q = np.array([2e-5]), np.array([1e-9])
    times = np.array([2e-5 * 100 + 1e-9 * 100**2 / 2, 2e-5 * 300 + 1e-9 * 300**2 / 2])
    found = prefill_moments(d, q, length_moments(PAIR))
    for power, moment in enumerate(found, start=1):
        assert moment[0] == pytest.approx((times**power).mean())


def test_capacity_by_hand() -> None:
    law = replace(LAW, g=0.0, q=0.0, max_batch=50.0)
    lengths = Lengths(np.array([1000]), np.array([101]))
    # full batch: step = 8 ms + 50*50 us + 0.5 prompts * 20 ms = 20.5 ms; 50 / (100 * 20.5 ms)
    assert capacity(law, lengths)[0] == pytest.approx(50 / (100 * 20.5e-3))
    # budget of 110 tokens: n = 110*100/1100 = 10 decodes and 0.1 prompts a step
    small = capacity(replace(law, chunk_tokens=110.0), lengths)[0]
    assert small == pytest.approx(0.1 / (8e-3 + 10 * 50e-6 + 0.1 * 20e-3))
    # KV for 5 requests of 1101 tokens, half of one is lost on average
    few = capacity(replace(law, kv_tokens=5 * 1101.0), lengths)[0]
    assert few == pytest.approx(4.5 / (100 * (8e-3 + 4.5 * 50e-6 + 0.045 * 20e-3)))
    assert capacity(replace(law, kv_tokens=1100.0), lengths)[0] == 0.0


@pytest.mark.parametrize("ranks", [2, 8, 16])
@pytest.mark.parametrize("prompts", [0.02, 0.5, 5.0])
def test_lockstep_meets_sampled_maxima(ranks: int, prompts: float) -> None:
    random = np.random.default_rng(1)
    prompts_drawn = np.maximum(random.exponential(500, 50_000), 1).astype(np.int64)
    counts = random.poisson(prompts, (40_000, ranks))
    sizes = np.where(counts > 0, random.gamma(np.maximum(counts, 1), 1.0), 0.0)
    together = lockstep(np.array([float(ranks)]), np.array([1e9]), length_moments(
        Lengths(prompts_drawn, np.ones(50_000, np.int64))
    ))  # fmt: skip
    largest, slope = together.prefills(np.array([prompts]))
    assert largest[0] == pytest.approx(sizes.max(axis=1).mean(), rel=0.12)
    ahead = together.prefills(np.array([prompts * 1.001]))[0]
    assert slope[0] == pytest.approx((ahead[0] - largest[0]) / (0.001 * prompts), rel=0.02)


def test_lockstep_limits() -> None:
    moments = length_moments(PAIR)
    one = lockstep(np.array([1.0]), np.array([2048.0]), moments)
    assert one.prefills(np.array([0.7]))[0] == 0.7
    eight = lockstep(np.array([8.0]), np.array([2048.0]), moments)
    rare = np.array([1e-6])
    assert eight.prefills(rare)[0] / rare == pytest.approx(8.0, rel=0.01)
    # a step never holds more than its budget: 2048 / 200 prompts
    assert eight.prefills(np.array([10.0]))[0] <= 10.24


def test_clumps_meet_a_sampled_renewal_process() -> None:
    random = np.random.default_rng(2)
    for burstiness in (1.5, 3.0):
        shape = burstiness**-2
        arrivals = np.cumsum(random.gamma(shape, 1 / shape, 400_000))
        for window in (0.05, 1.0):
            later = np.searchsorted(arrivals, arrivals + window) - np.arange(arrivals.size) - 1
            found = clumping(np.array([window]), np.array([1.0]), burstiness)
            assert found * window == pytest.approx(later.mean(), rel=0.35)
    assert clumping(np.ones(1), np.ones(1), 1.0) == 1.0
    assert split_variability(3.0, np.array([1.0, 8.0])) == pytest.approx([5.0, 1.5])


def test_the_wait_of_a_rank_without_base_is_pollaczek_and_khinchines() -> None:
    law = replace(LAW, a=0.0, b=0.0, g=0.0, q=0.0, chunk_tokens=1.0)
    laws, moments = as_laws(law), length_moments(Lengths(np.array([1600]), np.array([1])))
    rate = np.array([0.6 / 0.032])
    zero = np.zeros(1)
    found = prompt_wait(
        laws, moments, prefill_moments(laws.d, laws.q, moments),
        rate=rate, stalls=Stalls(rate=rate, variance_rate=rate, feedback=np.array([0.6])),
        base_s=zero, budget=np.ones(1), batch=zero, burstiness=1.0, stream_rate=rate,
        bursts=np.ones(1),
    )  # fmt: skip
    # M/D/1: 0.6 / (2 * 0.4) * 32 ms
    assert found.mean_s[0] == pytest.approx(0.75 * 32e-3, rel=1e-3)
    assert found.exceeds(np.array([-1.0])) == 1.0
    assert found.exceeds(np.array([0.05])) < found.exceeds(np.array([0.02]))


def test_the_mean_gap_is_a_hyperbola_in_the_load() -> None:
    lengths = Lengths(np.array([1000]), np.array([101]))
    known = prepare(as_laws(LAW), length_moments(lengths), stream=POISSON)
    beta = 5e-5 + 1e-8 * (1000 + 101 / 2)
    prefill = 2e-5 * 1000 + 1e-9 * 1000**2 / 2
    for rate in (0.1, 5.0, 15.0):
        state = steady_state(known, np.array([rate]))
        expected = (8e-3 + beta) / (1 - rate * (prefill + 100 * beta))
        assert state.gap_s[0] == pytest.approx(expected, rel=1e-6)
        assert state.batch[0] == pytest.approx(rate * 100 * expected, rel=1e-6)


def test_idle_percentiles_are_those_of_a_lone_request() -> None:
    lengths = Lengths(np.array([1000]), np.array([101]))
    law = replace(LAW, frontend_s=0.03)
    idle = latency(law, lengths, 1e-6)
    prefill = 2e-5 * 1000 + 1e-9 * 1000**2 / 2
    assert idle.ttft_s[0] == pytest.approx(0.03 + 8e-3 + prefill, rel=0.01)
    gap = 8e-3 + 5e-5 + 1e-8 * (1000 + 50.5)
    assert idle.tpot_s[0] == pytest.approx(gap, rel=0.01)
    assert idle.e2e_s[0] == pytest.approx(idle.ttft_s[0] + 100 * gap, rel=0.01)


def test_beyond_capacity_latency_is_infinite() -> None:
    most = capacity(LAW, PAIR)[0]
    assert np.isinf(latency(LAW, PAIR, most * 1.01).ttft_s[0])


positive = st.floats(0.2, 5.0)


@settings(max_examples=60, deadline=None)
@given(a=positive, b=positive, d=positive, ranks=st.sampled_from([1.0, 2.0, 8.0]), u=positive)
def test_latency_grows_with_load_and_with_slower_steps(
    a: float, b: float, d: float, ranks: float, u: float
) -> None:
    law = replace(LAW, a=8e-3 * a, b=5e-5 * b, d=2e-5 * d, ranks=ranks)
    lengths = Lengths(np.array([200, 900, 2500]), np.array([20, 150, 400]))
    rate = 0.15 * u * capacity(law, lengths)[0]
    now, more = latency(law, lengths, rate), latency(law, lengths, 1.2 * rate)
    slower = latency(law.slower(1.2), lengths, rate)
    for metric in ("ttft_s", "tpot_s", "e2e_s"):
        assert getattr(more, metric)[0] >= 0.98 * getattr(now, metric)[0]
        assert getattr(slower, metric)[0] >= getattr(now, metric)[0]


def test_exceedance_falls_with_the_limit() -> None:
    known = prepare(as_laws(LAW), length_moments(PAIR), stream=Stream(1.3))
    state = steady_state(known, np.array([10.0]))
    for metric in ("ttft", "tpot", "itl", "e2e"):
        tails = [
            float(exceedance(metric, np.array([t]), known, state)[0])
            for t in np.geomspace(1e-3, 10.0, 40)
        ]
        assert np.all(np.diff(tails) <= 1e-9)
        assert tails[-1] == pytest.approx(0.0, abs=1e-6)


def test_the_chunk_budget_keeps_gaps_within_the_target() -> None:
    law = replace(LAW, g=0.0, q=0.0, max_batch=50.0, chunk_tokens=1e9)
    lengths = Lengths(np.array([1000, 3000]), np.array([101, 101]))
    # 50 ms = 8 ms + 50 * 50 us + 20 us * 1975, and 50 tokens for the decodes
    chunk = largest_chunk_tokens(law, lengths, itl_s=0.05)[0]
    assert chunk == 50 + 1975
    assert largest_chunk_tokens(law, lengths, itl_s=0.0105)[0] == 0.0
    # half of the batch: 50 ms = 8 ms + 25 * 50 us + 20 us * 2037.5, and 25 tokens for the decodes
    assert largest_chunk_tokens(law, lengths, itl_s=0.05, full=0.5)[0] == 25 + 2037
    rate = 0.8 * capacity(replace(law, chunk_tokens=chunk), lengths)[0]
    run = simulate(replace(law, chunk_tokens=chunk), lengths, rate, requests=5000)
    assert run.percentile("itl", 0.999) <= 0.05 * 1.03  # bins are 2.3 % wide
    loose = simulate(law, lengths, rate, requests=5000)
    assert loose.percentile("itl", 0.999) > 0.05
