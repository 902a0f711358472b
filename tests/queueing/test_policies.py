"""Scheduling policies of the simulator: preemption, prefix cache, routing between ranks."""

import dataclasses
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from recommender.compiled import compiled, inlined
from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, draw_requests
from recommender.queueing.gaps import count_gaps
from recommender.queueing.heap import pop, push, remove
from recommender.queueing.policy import Policy, Routing
from recommender.queueing.simulator import replay, simulate
from recommender.queueing.state import BINS, BINS_PER_DECADE, SHORTEST_GAP_S
from recommender.workload import Lengths

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=64.0, kv_tokens=2e5, chunk_tokens=2048.0
)


def constant(inputs: int, outputs: int) -> Lengths:
    return Lengths(np.array([inputs], np.int64), np.array([outputs], np.int64))


def given(
    arrival_s: list[float], inputs: list[int], outputs: list[int], cached: list[int] | None = None
) -> Draw:
    return Draw(
        np.array(arrival_s),
        np.array(inputs, np.int64),
        np.array(outputs, np.int64),
        np.zeros(len(inputs), np.int64),
        None if cached is None else np.array(cached, np.int64),
    )


def padded(draw: Draw) -> Draw:
    """Nine lone requests long after, so that a run has the ten that it needs."""
    later = 1e6 * np.arange(1, 10)
    return Draw(
        np.concatenate([draw.arrival, later]),
        np.concatenate([draw.input_tokens, np.full(9, 10)]),
        np.concatenate([draw.output_tokens, np.full(9, 2)]),
        np.concatenate([draw.rank, np.zeros(9, np.int64)]),
        None if draw.cached_tokens is None else np.concatenate([draw.cached_tokens, np.zeros(9)]),
    )


def test_the_youngest_is_preempted_and_computed_again_by_hand() -> None:
    """Steps of 1 s; KV for 12 tokens; two requests of 4 prompt and 5 output tokens.

    step  first                    second                    KV in use
    1     prefill 4, token 1       prefill 4, token 1        8
    2     token 2                  token 2                   10
    3     token 3                  token 3                   12
    4     token 4                  preempted: 12 + 2 > 12    7 (5 more after token 3)
    5     token 5, complete        waits: 8 + 1 + 7 > 12     8, then 0
    6                              prefill 4 + 3, token 4    7
    7                              token 5, complete         8
    """
    law = replace(LAW, a=1.0, b=0.0, g=0.0, d=0.0, q=0.0, kv_tokens=12.0)
    two = padded(given([0.0, 0.0], [4, 4], [5, 5]))
    run = replay(law, two, policy=Policy(kv="preempt"))
    assert run.preemptions == 1
    assert run.ttft_s[:2] == pytest.approx([1.0, 1.0])
    assert run.e2e_s[:2] == pytest.approx([5.0, 7.0])
    assert run.most_kv_tokens <= 12
    # with reservation (9 tokens each) the second waits until the first is complete
    reserved = replay(law, two, policy=Policy(kv="reserve"))
    assert reserved.preemptions == 0
    assert reserved.e2e_s[:2] == pytest.approx([5.0, 10.0])


@pytest.mark.parametrize("ranks", [1, 3])
def test_preemption_loses_no_request_and_no_token(ranks: int) -> None:
    random = np.random.default_rng(5)
    lengths = Lengths(random.integers(10, 800, 3000), random.integers(1, 400, 3000))
    law = replace(LAW, kv_tokens=5000.0, ranks=float(ranks))
    run = simulate(law, lengths, 4.0 * ranks, requests=3000, kv="preempt")
    assert run.preemptions > 0
    assert run.completed == run.arrived
    assert np.all(run.e2e_s >= run.ttft_s)
    assert run.most_kv_tokens <= 5000
    assert run.requests_in_system * run.span_s == pytest.approx(run.sojourn_s, rel=1e-9)
    # every output token is computed once: the prefill gives one, and one after each preemption
    wanted = run.arrived * (lengths.mean_output - 1.0)
    assert run.decoded_tokens == pytest.approx(wanted - run.preemptions, rel=0.03)
    assert run.prefilled_tokens > run.arrived * lengths.mean_input


def test_without_shortage_preemption_and_reservation_are_the_same() -> None:
    lengths = Lengths(np.array([100, 900]), np.array([20, 300]))
    one = simulate(LAW, lengths, 6.0, requests=3000, kv="preempt")
    two = simulate(LAW, lengths, 6.0, requests=3000, kv="reserve")
    assert one.preemptions == 0
    assert np.array_equal(one.e2e_s, two.e2e_s)


def test_taking_kv_as_needed_starts_requests_sooner_than_reserving_it() -> None:
    random = np.random.default_rng(6)
    lengths = Lengths(random.integers(10, 400, 3000), random.integers(1, 2000, 3000))
    law = replace(LAW, kv_tokens=20_000.0)
    rate = 1.6
    taking = simulate(law, lengths, rate, requests=5000, kv="preempt")
    reserving = simulate(law, lengths, rate, requests=5000, kv="reserve")
    assert taking.ttft_s.mean() < reserving.ttft_s.mean()


def test_cached_prompt_tokens_are_attended_but_not_computed() -> None:
    law = replace(LAW, chunk_tokens=400.0)
    run = replay(law, padded(given([0.0], [1000], [2], [800])))
    # 200 tokens in one chunk that attends 800 before it and 100 of its own on average
    prefill = 200 * 2e-5 + 1e-9 * 200 * (800 + 100)
    assert run.ttft_s[0] == pytest.approx(8e-3 + prefill)
    decode = 8e-3 + 5e-5 + 1e-8 * 1001
    assert run.e2e_s[0] == pytest.approx(8e-3 + prefill + decode)
    assert run.prefilled_tokens == 200 + 9 * 10


def test_a_fully_cached_prompt_still_computes_its_last_token() -> None:
    run = replay(LAW, padded(given([0.0], [1000], [2], [1000])))
    assert run.prefilled_tokens == 1 + 9 * 10


def test_routing_to_the_least_busy_rank_shortens_waits() -> None:
    law = replace(LAW, ranks=8.0)
    random = np.random.default_rng(7)
    lengths = Lengths(random.integers(100, 4000, 3000), random.integers(1, 300, 3000))
    waits = {
        routing: simulate(law, lengths, 25.0, requests=10_000, routing=routing)
        for routing in get_args(Routing)
    }
    p99 = {name: run.percentile("ttft", 0.99) for name, run in waits.items()}
    assert p99["least_outstanding"] < p99["random"]
    assert p99["round_robin"] < p99["random"]
    assert all(run.completed == run.arrived for run in waits.values())


def test_unknown_policies_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kv 'swap'"):
        Policy(kv="swap")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="lockstep only"):
        Policy(routing="least_outstanding", lockstep=False)


def test_the_heap_gives_keys_in_order_also_after_removals() -> None:
    random = np.random.default_rng(8)
    keys = random.permutation(200)
    heaps = np.zeros((2, 300), np.int64)
    for size, key in enumerate(keys):
        push(heaps, 1, size, int(key))
    size = keys.size
    gone = []
    for _ in range(50):
        place = int(random.integers(size))
        gone.append(int(heaps[1, place]))
        remove(heaps, 1, size, place)
        size -= 1
    found = []
    while size:
        found.append(int(heaps[1, 0]))
        pop(heaps, 1, size)
        size -= 1
    assert found == sorted(set(keys.tolist()) - set(gone))


def test_draws_can_carry_cached_tokens() -> None:
    draw = draw_requests(constant(500, 20), count=2000, seed=0, burstiness=1.0, ranks=1)
    warm = dataclasses.replace(
        draw, arrival=draw.arrival / 10, cached_tokens=np.full(2000, 400, np.int64)
    )
    cold = dataclasses.replace(draw, arrival=draw.arrival / 10)
    assert replay(LAW, warm).ttft_s.mean() < replay(LAW, cold).ttft_s.mean()


def test_gaps_are_counted_in_their_bins() -> None:
    gaps = np.zeros((1, BINS))
    count_gaps(gaps, 0, 0.010, 0.0, 5, 3)  # five steps of 10 ms, three sequences
    (place,) = np.flatnonzero(gaps[0])
    assert gaps[0, place] == 15
    low = SHORTEST_GAP_S * 10 ** (place / BINS_PER_DECADE)
    assert low <= 0.010 * 1.0001
    assert low * 10 ** (1 / BINS_PER_DECADE) > 0.010
    count_gaps(gaps, 0, 0.010, 0.0001, 11, 1)  # 10 to 11 ms: over several bins
    assert gaps.sum() == pytest.approx(15 + 11)
    assert np.count_nonzero(gaps) > 3
    count_gaps(gaps, 0, 1e9, 0.0, 1, 1)  # longer than any bin: counted in the last
    assert gaps[0, -1] == 1


def test_compiled_functions_compute_what_python_does() -> None:
    def plain(x: float) -> float:
        return 2.0 * x

    assert inlined(plain)(3.0) == plain(3.0)
    assert compiled(plain)(3.0) == plain(3.0)
