"""Laws of the pools: by hand, and against the engine that they stand for."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.disaggregation.pool_laws import (
    IN_FLIGHT,
    decode_law,
    decode_workload,
    most_in_flight,
    prefill_law,
    prefill_workload,
)
from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw
from recommender.queueing.simulator import replay
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=np.array([5e-3]), b=np.array([2e-5]), g=np.array([1e-8]), d=np.array([2e-5]),
    q=np.array([1e-10]), max_batch=np.array([256.0]), kv_tokens=np.array([4e5]),
    chunk_tokens=np.array([2048.0]),
)  # fmt: skip
LENGTHS = Lengths(np.array([1000, 3000], np.int64), np.array([100, 300], np.int64))


def test_prefill_by_hand() -> None:
    # B = min(256, 4e5 / 2000) = 200;  B_m = sqrt(200 * 25) = 70.71;  a' = 5 ms + 70.71 * 20 us
    # K' = 4e5 - (0.3 s / 20 us + 2048 + 3000) = 4e5 - 20,048
    law = prefill_law(LAW, LENGTHS, context_tokens=2000.0, prompt_token_s=np.array([2e-5]),
                      held_s=0.3)  # fmt: skip
    assert law.a[0] == pytest.approx(5e-3 + 5000**0.5 * 2e-5)
    assert law.kv_tokens[0] == pytest.approx(379_952)
    assert (law.d[0], law.q[0]) == (2e-5, 1e-10)


def test_a_longer_hold_leaves_less_cache_and_never_less_than_none() -> None:
    def kept(held_s: float) -> float:
        return float(
            prefill_law(
                LAW, LENGTHS, context_tokens=2000.0, prompt_token_s=LAW.d, held_s=held_s
            ).kv_tokens[0]
        )

    assert kept(0.1) > kept(1.0) > kept(10.0) == 0.0


def test_decode_by_hand() -> None:
    # d' = 1e-8 + 2e-5 / 2000 = 2e-8;  C' = 256 * 3001;  K' = 0.95 * 4e5
    law = decode_law(LAW, LENGTHS)
    assert law.d[0] == pytest.approx(2e-8)
    assert law.q[0] == 0.0
    assert law.chunk_tokens[0] == 256 * 3001
    assert law.kv_tokens[0] == pytest.approx((1 - IN_FLIGHT) * 4e5)
    narrow = decode_law(replace(LAW, chunk_tokens=np.array([128.0])), LENGTHS)
    assert narrow.max_batch[0] == 128.0


def test_caches_moving_in_by_hand() -> None:
    # 0.05 / 2 * 4e5 tokens / (2,000 + 200) = 4.545 requests
    assert most_in_flight(LAW, LENGTHS)[0] == pytest.approx(0.025 * 4e5 / 2200)


def test_decode_is_an_engine_that_finds_its_prompts_in_the_cache() -> None:
    """The same requests on an engine with all of each prompt cached but its last token."""
    law = decode_law(LAW, LENGTHS).take(0)
    count = 4000
    random = np.random.default_rng(1)
    index = random.integers(2, size=count)
    arrival = np.cumsum(random.exponential(1 / 60.0, count))
    inputs, outputs = LENGTHS.input_tokens[index], LENGTHS.output_tokens[index]
    rank = np.zeros(count, np.int64)
    ours = replay(law, Draw(arrival, inputs, outputs, rank))
    cached = replay(
        replace(law, d=float(LAW.b[0]), q=float(LAW.g[0]), chunk_tokens=512.0),
        Draw(arrival, inputs, outputs, rank, cached_tokens=inputs - 1),
    )
    for metric in ("ttft", "tpot", "e2e"):
        for p in (0.5, 0.9, 0.99):
            assert ours.percentile(metric, p) == pytest.approx(
                cached.percentile(metric, p), rel=5e-3
            )


def test_workloads_of_the_pools() -> None:
    workload = Workload("w", 10.0, LENGTHS, burstiness=0.5)
    assert (prefill_workload(workload).lengths.output_tokens == 1).all()
    assert prefill_workload(workload).burstiness == 0.5
    assert decode_workload(workload).burstiness == 1.0
    assert decode_workload(replace(workload, burstiness=2.0)).burstiness == 2.0
