"""Runs are as long as the largest rate needs: long where a percentile hardly grows with it."""

from dataclasses import replace
from math import inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.performance.step_law import StepLaw
from recommender.queueing import simulated_rate as simulated_rate_module
from recommender.queueing.largest_rate import largest_rate
from recommender.queueing.latency import target_s
from recommender.queueing.run_length import MOST_TIMES, STEEP, elasticity, run_length
from recommender.queueing.simulated_rate import simulated_rate
from recommender.queueing.verdict import DECIDED, MOST_DECIDED, requests_needed
from recommender.slo import Slo, Target
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
LENGTHS = Lengths(np.array([500, 1500, 4000]), np.array([50, 150, 200]))
WORKLOAD = Workload("w", 100.0, LENGTHS)


def e_of(slo: Slo) -> float:
    """At the largest rate of closed forms."""
    return elasticity(LAW, WORKLOAD, slo, float(largest_rate(LAW, WORKLOAD, slo)[0]))


def ttft(limit_s: float, percentile: float = 0.99) -> Slo:
    return Slo((Target("ttft", limit_s, percentile),))


def test_the_elasticity_by_hand() -> None:
    rate = float(largest_rate(LAW, WORKLOAD, ttft(0.3))[0])
    low, high = (
        float(target_s(LAW, WORKLOAD, Target("ttft", 0.3), rate * f)[0]) for f in (1 / 1.1, 1.1)
    )
    assert e_of(ttft(0.3)) == pytest.approx(log(high / low) / log(1.21))


def test_a_limit_near_the_idle_latency_takes_the_longest_runs() -> None:
    """Idle 4,000-token prompts take 96 ms; at 100 ms the rate hangs on two that meet."""
    near, far = ttft(0.105), ttft(2.0)
    assert e_of(near) < STEEP / 2 < 1.0 < e_of(far)
    assert run_length(LAW, WORKLOAD, far) == DECIDED
    times = run_length(LAW, WORKLOAD, near) / DECIDED
    expected = (STEEP / e_of(near)) ** 2
    assert times == pytest.approx(min(expected, MOST_TIMES), rel=1e-4)


def test_no_rate_by_closed_forms_takes_the_longest_and_overload_the_shortest() -> None:
    assert run_length(LAW, WORKLOAD, ttft(0.01)) == MOST_TIMES * DECIDED
    loose = Slo((Target("ttft", 1e4),))
    assert e_of(loose) == inf
    assert run_length(LAW, WORKLOAD, loose) == DECIDED


def test_goodput_keeps_the_requests_of_its_verdict() -> None:
    slo = ttft(0.105).with_goodput(0.99)
    assert run_length(LAW, WORKLOAD, slo) == requests_needed(slo, LENGTHS)


@settings(max_examples=20, deadline=None)
@given(
    limit_s=st.floats(0.05, 5.0),
    percentile=st.sampled_from([0.5, 0.99, 0.999]),
    burstiness=st.floats(1.0, 10.0),
    demand=st.floats(1.0, 1e4),
)
def test_never_fewer_than_the_percentile_needs_nor_more_than_a_million(
    limit_s: float, percentile: float, burstiness: float, demand: float
) -> None:
    slo = ttft(limit_s, percentile)
    found = run_length(LAW, replace(WORKLOAD, requests_per_s=demand, burstiness=burstiness), slo)
    assert requests_needed(slo, LENGTHS) <= found <= MOST_DECIDED


def test_rates_near_the_idle_latency_scatter_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over six seeds, of 246,567 requests: less than six tenths of what 40,000 scatter by."""
    slo = ttft(0.17)

    def scatter() -> float:
        guess = float(largest_rate(LAW, WORKLOAD, slo)[0])
        found = [
            simulated_rate(LAW, WORKLOAD, slo, guess=guess, seed=seed).requests_per_s
            for seed in range(6)
        ]
        return float(np.std(found, ddof=1) / np.mean(found))

    long = scatter()
    monkeypatch.setattr(simulated_rate_module, "run_length", lambda *_: DECIDED)
    assert long < 0.6 * scatter()
