"""Prefix hits in pools: less is computed, all of it moves."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from disaggregation_specs import SMALL
from hypothesis import given
from hypothesis import strategies as st

from recommender.disaggregation.pool_laws import decode_workload, prefill_law, prefill_workload
from recommender.disaggregation.ready_tokens import DEVIATIONS, ready_tokens
from recommender.engine import recommend
from recommender.performance.step_law import StepLaw
from recommender.plan import Plan
from recommender.queueing.tandem import Handover, simulate_tandem
from recommender.request.spec_file import make_spec
from recommender.verification.plan_replay import verify_plan
from recommender.workload import Lengths, Workload

LENGTHS = Lengths(np.array([1000, 3000], np.int64), np.array([100, 300], np.int64))
HALF = LENGTHS.with_hits(0.5)
UNEVEN = Lengths(LENGTHS.input_tokens, LENGTHS.output_tokens, np.array([0, 2000], np.int64))


def test_ready_tokens_by_hand() -> None:
    assert ready_tokens(2048.0, LENGTHS) == 2048.0
    assert ready_tokens(2048.0, HALF) == pytest.approx(4096.0)
    # E[I]/E[c] = 2000/1000 = 2;  I - 2c = -1000, 1000: E[..^2] = 1e6, over E[c] = 1000
    # 2 * 1e6 + 4 * sqrt(1e6 * 1000) = 2,126,491;  at most 3 * 1e6
    assert ready_tokens(1e6, UNEVEN) == pytest.approx(2e6 + DEVIATIONS * 1e9**0.5)
    # of 1,000 tokens: 2,000 + 4 * 1000, but no order of prompts gives more than 3,000
    assert ready_tokens(1e3, UNEVEN) == pytest.approx(3e3)


def test_ready_tokens_bound_what_a_long_window_gets_ready() -> None:
    random = np.random.default_rng(3)
    index = random.integers(2, size=200_000)
    computed = np.cumsum(UNEVEN.computed_tokens[index])
    whole = np.cumsum(UNEVEN.input_tokens[index])
    window = 50_000.0
    edges = np.arange(window, computed[-1], window)
    ready = np.diff(whole[np.searchsorted(computed, edges, side="right") - 1])
    bound = float(ready_tokens(window, UNEVEN))
    assert ready.max() <= bound + 3000  # one prompt was begun before the window
    assert ready.max() > 0.9 * bound


@given(st.floats(1.0, 1e7), st.floats(1.0, 10.0))
def test_more_computed_gets_more_ready(tokens: float, times: float) -> None:
    assert ready_tokens(tokens * times, UNEVEN) >= ready_tokens(tokens, UNEVEN) >= tokens


def test_the_prefill_law_keeps_whole_prompts() -> None:
    # K' = 4e5 - ((0.3 s / 20 us + 2048) / (1 - 0.5) + 3000) = 4e5 - 37,096
    law = StepLaw(
        a=np.array([5e-3]), b=np.array([2e-5]), g=np.array([1e-8]), d=np.array([2e-5]),
        q=np.array([1e-10]), max_batch=np.array([256.0]), kv_tokens=np.array([4e5]),
        chunk_tokens=np.array([2048.0]),
    )  # fmt: skip
    found = prefill_law(
        law, HALF, context_tokens=2000.0, prompt_token_s=np.array([2e-5]), held_s=0.3
    )
    assert found.kv_tokens[0] == pytest.approx(362_904)


def test_only_prefill_finds_prompts_in_the_cache() -> None:
    workload = Workload("w", 10.0, HALF)
    assert prefill_workload(workload).lengths.mean_computed == 1000.0
    assert decode_workload(workload).lengths.mean_computed == 2000.0


def test_a_lone_request_through_both_pools_by_hand() -> None:
    law = StepLaw(
        a=1e-2, b=0.0, g=0.0, d=1e-5, q=0.0, max_batch=8.0, kv_tokens=1e5, chunk_tokens=2048.0,
        frontend_s=0.02,
    )  # fmt: skip
    run = simulate_tandem(
        law,
        StepLaw(a=5e-3, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=8.0, kv_tokens=1e5,
                chunk_tokens=1e5, frontend_s=0.02),
        Lengths(np.array([1000]), np.array([11]), np.array([600])),
        prefill_requests_per_s=1e-3, decode_requests_per_s=1e-3, requests=50,
        handover=Handover(sent_s_per_token=1e-5, received_s_per_token=2e-5),
    )  # fmt: skip
    # 20 ms + 10 ms + 400 * 10 us, 1000 * (10 us + 20 us), 20 ms + 5 ms
    assert run.ttft_s.max() == pytest.approx(0.034 + 0.030 + 0.025)


@cache
def _plan(prefix_hit: str) -> Plan:
    changes = {"disaggregate": "only", "prefix_hit": prefix_hit}
    return recommend(make_spec(SMALL | changes), front=False, explain=False)


def test_a_plan_with_hits_computes_less_and_moves_as_much() -> None:
    without, with_hits = _plan("0%"), _plan("50%")
    assert with_hits.pools is not None and without.pools is not None
    assert with_hits.objective is not None and without.objective is not None
    assert with_hits.objective <= without.objective

    def rate(plan: Plan) -> float:
        return sum(d.max_requests_per_s / d.accelerators for d in plan.deployments[:1])

    assert with_hits.deployments[0].pool == "prefill"
    assert rate(with_hits) > 1.2 * rate(without)  # another layout may serve them
    assert set(with_hits.pools.kv_bytes_per_token.values()) == set(
        without.pools.kv_bytes_per_token.values()
    )
    assert all(finding.holds for finding in with_hits.audit)
    assert any(a.name == "prefix hits in pools" for a in with_hits.assumptions)
    assert verify_plan(with_hits).verdict == "holds"


def test_a_trace_is_replayed_with_the_hits_that_a_cache_finds(tmp_path: Path) -> None:
    trace = tmp_path / "turns.jsonl"
    random = np.random.default_rng(5)
    times = np.cumsum(random.exponential(25.0, 8000)).astype(int)  # 40 requests/s [ms]
    trace.write_text(
        "".join(
            f'{{"timestamp": {t}, "input_length": 1536, "output_length": 40, '
            f'"hash_ids": [0, {i // 2 + 1}, {i + 100000}]}}\n'
            for i, t in enumerate(times)
        )
    )
    found = {
        cache: verify_plan(_plan("50%"), trace_file=trace, prefix_cache=cache).replays[0]
        for cache in ("lru", "off")
    }
    first = {name: run.percentiles["ttft"][1].value_s for name, run in found.items()}
    assert first["lru"] < first["off"]
    assert found["lru"].cached_share > 0.3 and found["off"].cached_share == 0.0
