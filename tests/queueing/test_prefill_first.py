"""Prompts first: M/G/1 as its limit, hand arithmetic, and the simulator."""

import math
from dataclasses import replace

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.queueing.latency import target_s
from recommender.queueing.prefill_first import prefill_first_capacity, prefill_first_s
from recommender.queueing.simulator import simulate
from recommender.slo import Bucket, Metric, Target
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=8192.0
)
FCFS = StepLaw(a=0.0, b=0.0, g=0.0, d=1e-5, q=0.0, max_batch=1e4, kv_tokens=1e9, chunk_tokens=16.0)


def workload() -> Workload:
    random = np.random.default_rng(0)
    inputs = np.exp(random.normal(6.6, 0.8, 5000)).astype(np.int64) + 1
    outputs = np.exp(random.normal(4.8, 0.9, 5000)).astype(np.int64) + 1
    return Workload("w", 1.0, Lengths(np.minimum(inputs, 15_000), np.minimum(outputs, 3_000)))


def test_capacity_by_hand() -> None:
    """50 slots, 100 steps of 8 ms + 50 * 50 us = 10.5 ms: 21 ms of decode per request.

    A prompt of 1,000 tokens takes 20 ms and 1000/8192 of a step's 8 ms = 0.9766 ms.
    """
    law = replace(LAW, g=0.0, q=0.0, max_batch=50.0)
    lengths = Lengths(np.array([1000]), np.array([101]))
    expected = 1.0 / (21e-3 + 20e-3 + 8e-3 * 1000 / 8192)
    assert prefill_first_capacity(law, lengths)[0] == pytest.approx(expected)
    assert prefill_first_capacity(replace(law, kv_tokens=1100.0), lengths)[0] == 0.0
    at = prefill_first_s(law, Workload("w", 1.0, lengths), Target("ttft", 1.0), expected * 1.01)
    assert at[0] == math.inf


def test_one_token_answers_are_m_m_1() -> None:
    """Within 12 %, as the chunked form: a dozen nodes stand for the exponential prompts."""
    random = np.random.default_rng(0)
    inputs = np.maximum(np.rint(random.exponential(100, 200_000)), 1) * 16
    prompts = Workload("w", 1.0, Lengths(inputs.astype(np.int64), np.ones(200_000, np.int64)))
    service = prompts.lengths.mean_input * 1e-5
    for load in (0.3, 0.6, 0.8):
        exact = service / (1.0 - load) * math.log(100)  # the sojourn time is exponential
        found = prefill_first_s(FCFS, prompts, Target("ttft", 1.0), load / service)[0]
        assert found == pytest.approx(exact, rel=0.12)


def test_idle_requests_by_hand() -> None:
    """A prompt alone: 8 ms + 20 ms + 0.5 ms; then steps of 8 ms + 50 us + 10.5 us of context."""
    alone = Workload("w", 1.0, Lengths(np.array([1000]), np.array([101])))
    ttft = prefill_first_s(LAW, alone, Target("ttft", 1.0, 0.9), 1e-9)[0]
    assert ttft == pytest.approx(28.5e-3, rel=0.01)
    tpot = prefill_first_s(LAW, alone, Target("tpot", 1.0, 0.5), 1e-9)[0]
    assert tpot == pytest.approx(8e-3 + 50e-6 + 1e-8 * 1050.5, rel=0.01)


def test_times_grow_with_the_rate_and_with_the_percentile() -> None:
    for metric in ("ttft", "tpot", "e2e"):
        rates = [prefill_first_s(LAW, workload(), Target(metric, 1.0), r)[0] for r in (2, 6, 10)]
        assert rates == sorted(rates)
        tails = [prefill_first_s(LAW, workload(), Target(metric, 1.0, p), 8.0)[0]
                 for p in (0.5, 0.9, 0.99)]  # fmt: skip
        assert tails == sorted(tails)


@pytest.mark.parametrize("metric", ["ttft", "tpot", "e2e"])
@pytest.mark.parametrize("rate", [4.0, 8.0, 12.0])
def test_near_the_simulator(metric: Metric, rate: float) -> None:
    """p99 within 20 %; 60 random settings at a load of 0.3 to 0.85: median 10, 11 and 6 %."""
    run = simulate(LAW, workload().lengths, rate, requests=60_000, scheduler="prefill_first")
    for bucket in (Bucket(), Bucket(max_input_tokens=1024)):
        found = prefill_first_s(LAW, workload(), Target(metric, 1.0, 0.99, bucket), rate)[0]
        assert found == pytest.approx(run.percentile(metric, 0.99, bucket), rel=0.2)


def test_prompts_first_shorten_first_tokens_and_lengthen_the_others() -> None:
    """As measured by Agrawal et al. (2024): stalls of whole prompts, generation by generation."""
    small = replace(LAW, chunk_tokens=512.0)
    at = {
        metric: (
            prefill_first_s(small, workload(), Target(metric, 1.0), 9.0)[0],
            target_s(small, workload(), Target(metric, 1.0), 9.0)[0],
        )
        for metric in ("ttft", "tpot")
    }
    assert at["ttft"][0] < at["ttft"][1]
    assert at["tpot"][0] > at["tpot"][1]


def test_what_is_not_computed_is_refused() -> None:
    with pytest.raises(ValueError, match="one rank"):
        prefill_first_s(replace(LAW, ranks=2.0), workload(), Target("ttft", 1.0), 1.0)
    with pytest.raises(ValueError, match="gaps of single tokens"):
        prefill_first_s(LAW, workload(), Target("itl", 1.0), 1.0)
