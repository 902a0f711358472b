"""The simulator against hand computations, queueing theory and conservation laws."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.queueing.policy import Scheduler
from recommender.queueing.simulator import simulate
from recommender.slo import Target
from recommender.workload import Lengths

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=64.0, kv_tokens=2e5, chunk_tokens=2048.0
)


def constant(inputs: int, outputs: int) -> Lengths:
    return Lengths(np.array([inputs], np.int64), np.array([outputs], np.int64))


def mixed(seed: int = 1) -> Lengths:
    random = np.random.default_rng(seed)
    inputs = np.exp(random.normal(6.5, 0.9, 4000)).astype(np.int64) + 1
    outputs = np.exp(random.normal(4.5, 1.0, 4000)).astype(np.int64) + 1
    return Lengths(np.minimum(inputs, 20_000), np.minimum(outputs, 2_000))


def test_one_request_alone_pays_its_chunks_and_its_decode_steps() -> None:
    law = replace(LAW, chunk_tokens=400.0, frontend_s=0.03)
    run = simulate(law, constant(1000, 4), 1e-3, requests=10)
    # three chunks (400, 400, 200): 3*8 ms + 1000*20 us + 1e-9*1000^2/2
    prefill = 1000 * 2e-5 + 1e-9 * 1000**2 / 2
    ttft = 0.03 + 3 * 8e-3 + prefill
    # three decode steps of one sequence with 1001, 1002, 1003 tokens of context
    decode = 3 * (8e-3 + 5e-5) + 1e-8 * (1001 + 1002 + 1003)
    assert run.ttft_s == pytest.approx(ttft)
    assert run.tpot_s == pytest.approx(decode / 3)
    assert run.e2e_s == pytest.approx(ttft + decode)


def test_a_decoding_sequence_takes_its_token_out_of_the_budget() -> None:
    # chunk 400, prompts of 400: alone one chunk; beside one decode 399 + 1, two steps
    law = replace(LAW, chunk_tokens=400.0, b=0.0, g=0.0, q=0.0, d=0.0, a=1.0)
    run = simulate(law, constant(400, 10_000), 1 / 5_000.3, requests=10)
    # deterministic steps of 1 s: residual in (0, 1] plus two steps when another one decodes
    beside = run.ttft_s[run.ttft_s > 1.5]
    assert beside.size > 0
    assert np.all(beside > 2.0)


@pytest.mark.parametrize("ranks", [1, 4])
@pytest.mark.parametrize("scheduler", ["chunked", "prefill_first"])
@pytest.mark.parametrize("lockstep", [True, False])
def test_every_request_and_token_is_accounted_for(
    ranks: int, scheduler: Scheduler, lockstep: bool
) -> None:
    lengths = mixed()
    law = replace(LAW, ranks=float(ranks))
    run = simulate(law, lengths, 6.0, requests=3000, scheduler=scheduler, lockstep=lockstep, seed=3)
    assert run.completed == run.arrived
    assert run.ttft_s.size == 3000
    assert np.all(run.ttft_s > 0.0)
    assert np.all(run.e2e_s >= run.ttft_s)
    assert run.most_sequences <= 64
    assert run.most_kv_tokens <= 200_000
    # Little's law holds exactly for a whole run: area under N(t) = sum of the sojourn times
    assert run.requests_in_system * run.span_s == pytest.approx(run.sojourn_s, rel=1e-9)
    drawn = run.decoded_tokens / run.arrived
    assert drawn == pytest.approx(lengths.mean_output - 1.0, rel=0.1)
    assert run.prefilled_tokens / run.arrived == pytest.approx(lengths.mean_input, rel=0.1)


def test_every_gap_is_counted_once() -> None:
    run = simulate(LAW, constant(300, 51), 10.0, requests=2000)
    # steady state: 50 gaps per request, up to the requests that straddle the cut
    assert run.gaps.sum() == pytest.approx(2000 * 50, rel=0.02)
    assert run.percentile("itl", 0.5) == pytest.approx(np.median(run.tpot_s), rel=0.5)


def test_without_gaps_everything_else_is_the_same() -> None:
    whole = simulate(LAW, mixed(), 12.0, requests=5_000, seed=3)
    less = simulate(LAW, mixed(), 12.0, requests=5_000, seed=3, counts_gaps=False)
    for times in ("ttft_s", "tpot_s", "e2e_s"):
        np.testing.assert_array_equal(getattr(less, times), getattr(whole, times))
    assert less.steps == whole.steps and less.gaps.size == 0
    target = Target("itl", 0.05)
    for ask in (less.estimate, less.counted, lambda t: less.percentile(t.metric, t.percentile)):
        with pytest.raises(ValueError, match="did not count"):
            ask(target)


def test_the_seed_decides_everything() -> None:
    one = simulate(LAW, mixed(), 8.0, requests=2000, seed=5)
    two = simulate(LAW, mixed(), 8.0, requests=2000, seed=5)
    other = simulate(LAW, mixed(), 8.0, requests=2000, seed=6)
    assert np.array_equal(one.ttft_s, two.ttft_s)
    assert np.array_equal(one.gaps, two.gaps)
    assert not np.array_equal(one.ttft_s, other.ttft_s)


def test_latency_grows_with_the_rate() -> None:
    runs = [simulate(LAW, mixed(), rate, requests=10_000) for rate in (2.0, 5.0, 8.0, 11.0)]
    for metric in ("ttft", "tpot", "itl", "e2e"):
        times = [run.percentile(metric, 0.99) for run in runs]
        assert times == sorted(times)


def test_jumping_over_quiet_steps_changes_nothing() -> None:
    """A request that is mostly alone takes as long as its 199 steps, one by one."""
    single = simulate(LAW, constant(500, 200), 0.05, requests=500)
    assert single.decoded_tokens == 199 * single.arrived
    per_step = 8e-3 + 5e-5 + 1e-8 * (500 + (1 + 199) / 2)
    assert np.min(single.tpot_s) == pytest.approx(per_step, rel=1e-9)


def test_uncoupled_ranks_are_independent_queues_and_not_a_pooled_one() -> None:
    law = StepLaw(
        a=0.0, b=0.0, g=0.0, d=1e-5, q=0.0, max_batch=64.0, kv_tokens=1e6, chunk_tokens=16.0
    )
    lengths = constant(1600, 1)  # M/D/1 with a service of 16 ms
    apart = simulate(replace(law, ranks=8.0), lengths, 8 * 37.5, requests=40_000, lockstep=False)
    single = simulate(law, lengths, 37.5, requests=40_000)
    # M/D/1 at 0.6: E[W] = 0.6 / (2 * 0.4) * 16 ms = 12 ms, so E[TTFT] = 28 ms
    assert apart.ttft_s.mean() == pytest.approx(28e-3, rel=0.03)
    assert single.ttft_s.mean() == pytest.approx(28e-3, rel=0.03)
    assert apart.percentile("ttft", 0.99) == pytest.approx(
        single.percentile("ttft", 0.99), rel=0.08
    )
    # a pooled model would put a prompt on all ranks at once: 2 ms of service, 3.5 ms in all
    pooled = simulate(replace(law, d=1e-5 / 8), lengths, 8 * 37.5, requests=40_000)
    assert pooled.ttft_s.mean() < 0.2 * apart.ttft_s.mean()


def test_lockstep_ranks_wait_for_each_other() -> None:
    law = replace(LAW, ranks=8.0)
    together = simulate(law, mixed(), 20.0, requests=10_000)
    apart = simulate(law, mixed(), 20.0, requests=10_000, lockstep=False)
    for metric in ("ttft", "tpot", "e2e"):
        assert together.percentile(metric, 0.99) > apart.percentile(metric, 0.99)


def test_prefill_first_stops_the_decodes() -> None:
    chunked = simulate(LAW, mixed(), 9.0, requests=10_000)
    stopping = simulate(LAW, mixed(), 9.0, requests=10_000, scheduler="prefill_first")
    assert stopping.percentile("tpot", 0.99) > chunked.percentile("tpot", 0.99)


@pytest.mark.parametrize(
    ("change", "rate", "requests", "part"),
    [
        ({"kv_tokens": 100.0}, 1.0, 100, "KV cache"),
        ({}, 0.0, 100, "positive rate"),
        ({}, float("nan"), 100, "positive rate"),
        ({}, 1.0, 5, "at least 10 requests"),
        ({"max_batch": 0.0}, 1.0, 100, "at least 1"),
        ({"a": np.array([1.0, 2.0])}, 1.0, 100, "one replica"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    change: dict[str, Any], rate: float, requests: int, part: str
) -> None:
    with pytest.raises(ValueError, match=part):
        simulate(replace(LAW, **change), constant(200, 20), rate, requests=requests)
