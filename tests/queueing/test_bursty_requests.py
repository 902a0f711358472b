"""Bursty arrivals: requests of a run that tells, rates confirmed by other arrivals, warnings."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recommender.explanation.latency_warnings import latency_warnings
from recommender.performance.step_law import StepLaw
from recommender.queueing.largest_rate import largest_rate
from recommender.queueing.over_profile import simulate_workload
from recommender.queueing.simulated_rate import _Point, _Search, simulated_rate
from recommender.queueing.simulator import simulate
from recommender.queueing.verdict import (
    MOST_DECIDED,
    OTHER_SEED,
    Requirement,
    requests_needed,
    requests_that_tell,
)
from recommender.slo import Slo, Target
from recommender.stream import Stream
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
LENGTHS = Lengths(np.array([500, 900, 2000]), np.array([60, 200, 120]))
P99 = Slo((Target("ttft", 1.0),))


@pytest.mark.parametrize(
    ("burstiness", "percentile", "requests"),
    [
        (1.0, 0.99, 40_000),
        (2.0, 0.99, 40_000),
        (4.0, 0.99, 160_000),  # 40,000 * (4/2)^2
        (10.0, 0.99, 400_000),  # 40,000 * 25 = 1,000,000, more than is worth it
        (1.0, 0.999, 200_000),  # 200 / 0.001
        (2.4, 0.999, 288_000),  # 200,000 * 1.44
        (10.0, 0.9995, 400_000),  # 200 / 0.0005 = 400,000 already
        (10.0, 0.99975, 800_000),  # what the percentile needs is never cut
    ],
)
def test_bursts_need_more_requests(burstiness: float, percentile: float, requests: int) -> None:
    slo = Slo((Target("ttft", 1.0, percentile),))
    needed = requests_needed(slo, LENGTHS, burstiness=burstiness)
    assert needed == pytest.approx(requests, abs=1)  # 1 - p is no binary fraction
    assert requests_that_tell(slo, burstiness=burstiness) == needed <= MOST_DECIDED


def test_a_run_of_as_many_requests_tells_the_p99_of_bursts_within_a_tenth() -> None:
    """40,000 requests do not: over seeds they scatter by more than twice as much."""

    def scatter(requests: int) -> float:
        found = [
            simulate(
                LAW,
                LENGTHS,
                12.0,
                requests=requests,
                seed=seed,
                stream=Stream(8.0),
                counts_gaps=False,
            ).percentile("ttft", 0.99)
            for seed in range(8)
        ]
        return float(np.std(found, ddof=1) / np.mean(found))

    assert scatter(requests_needed(P99, LENGTHS, burstiness=8.0)) < 0.06 < scatter(40_000)


@pytest.mark.parametrize("burstiness", [1.0, 6.0])
def test_a_rate_holds_with_arrivals_that_it_was_not_found_with(burstiness: float) -> None:
    workload = Workload("w", 1.0, LENGTHS, burstiness)
    for limit_s in (0.3, 0.5, 0.9):
        slo = Slo((Target("ttft", burstiness * limit_s), Target("tpot", 0.05 * burstiness)))
        guess = float(largest_rate(LAW, workload, slo)[0]) or 1.0
        found = simulated_rate(LAW, workload, slo, guess=guess)
        assert found.run is not None
        requests = requests_needed(slo, LENGTHS, burstiness=burstiness)
        rate = found.requests_per_s
        stated = simulate_workload(LAW, workload, rate, requests=requests, seed=OTHER_SEED)
        for target in slo.targets:
            assert stated.percentile(target.metric, 0.99) <= target.limit_s
            assert found.run.upper_limit(target.metric, 0.99) <= target.limit_s


def deployment(stated_s: float, half_s: float) -> SimpleNamespace:
    return SimpleNamespace(
        name="d1", pool="", targets_s=(stated_s,), targets_half_width_s=(half_s,)
    )


@pytest.mark.parametrize(
    ("stated_s", "half_s", "said"),
    [
        (0.90, 0.10, ""),  # 0.90 + 0.10 = the limit
        (0.95, 0.10, "which may be beyond 1 s"),
        (1.02, 0.10, "beyond 1 s"),
    ],
)
def test_what_lies_within_the_uncertainty_of_a_limit_is_said(
    stated_s: float, half_s: float, said: str
) -> None:
    request = SimpleNamespace(slo=P99)
    parts = SimpleNamespace(deployments=[deployment(stated_s, half_s)])
    found = list(latency_warnings(request, parts))  # type: ignore[arg-type]
    assert [said in sentence for sentence in found] == [True] * bool(said)
    parts.deployments[0] = replace_pool(parts.deployments[0])
    assert not list(latency_warnings(request, parts))  # type: ignore[arg-type]


def replace_pool(d: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(d), "pool": "decode"})


def test_closed_forms_have_no_run_that_could_be_uncertain() -> None:
    d = SimpleNamespace(name="d1", pool="", targets_s=(0.99,), targets_half_width_s=())
    request = SimpleNamespace(slo=replace(P99))
    assert not list(
        latency_warnings(request, SimpleNamespace(deployments=[d]))  # type: ignore[arg-type]
    )


class _Scripted(_Search):
    """Other numbers meet the limits below 9.97 requests/s, the first ones below 9.95 and at 10."""

    def run(self, rate: float, *, requests: int, seed: int) -> Any:
        return seed

    def excess(self, run: Any, rate: float, *, half_widths: float) -> float:
        held = rate < 9.97 if run == OTHER_SEED else rate == 10.0 or rate < 9.95
        return -0.1 if held else 0.1

    def at(self, rate: float, *, requests: int) -> _Point:
        run = self.run(rate, requests=requests, seed=self.seed)
        return _Point(rate, self.excess(run, rate, half_widths=1.0), run)


def test_a_rate_that_was_lowered_for_other_arrivals_holds_with_the_first_ones_too() -> None:
    """10 * exp(-0.005) = 9.950 holds with other arrivals only, 9.950 * exp(-0.01) with both."""
    search = _Scripted(LAW, Workload("test", 1.0, LENGTHS), P99, 0, lambda: None)
    found = search.confirmed(search.at(10.0, requests=1))
    assert found is not None and found.excess <= 0.0
    assert found.rate == pytest.approx(10 * np.exp(-0.015))


def test_an_unknown_half_width_says_nothing_of_the_estimate() -> None:
    unknown = Requirement(estimate=0.5, half_width=np.inf, limit=1.0, enough=False)
    assert unknown.excess(0.0) == pytest.approx(np.log(0.5)) and unknown.excess(1.0) == np.inf
