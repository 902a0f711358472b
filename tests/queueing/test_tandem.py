"""Two engines in a row: queues by hand, requests accounted for, bounds by sums of parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.performance.step_law import StepLaw
from recommender.queueing.simulator import simulate
from recommender.queueing.tandem import Handover, feed, fifo, simulate_tandem
from recommender.stream import Stream
from recommender.workload import Lengths


def law(**changes) -> StepLaw:
    known = dict(
        a=5e-3, b=2e-5, g=1e-8, d=2e-5, q=0.0, max_batch=128.0, kv_tokens=2e6,
        chunk_tokens=4096.0, frontend_s=0.03,
    )  # fmt: skip
    return StepLaw(**(known | changes))


PREFILL = law()
DECODE = law(d=1e-8, chunk_tokens=128.0 * 4001)
LENGTHS = Lengths(
    np.array([500, 1000, 1500, 4000], dtype=np.int64), np.array([50, 200, 100, 300], dtype=np.int64)
)
FAST = Handover(sent_s_per_token=1e-7, received_s_per_token=1e-7)


def test_a_queue_of_one_server_by_hand() -> None:
    # ready 0, 1, 1.5, 9; service 2, 1, 1, 1:   0+2, max(1,2)+1, max(1.5,3)+1, max(9,4)+1
    done = fifo(np.array([0.0, 1.0, 1.5, 9.0]), np.array([2.0, 1.0, 1.0, 1.0]))
    assert done == pytest.approx([2.0, 3.0, 4.0, 10.0])


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.01, 3)), min_size=1, max_size=40))
def test_a_queue_equals_its_recursion(pairs) -> None:
    ready = np.sort(np.array([r for r, _ in pairs]))
    service = np.array([s for _, s in pairs])
    free, expected = 0.0, []
    for r, s in zip(ready, service, strict=True):
        free = max(r, free) + s
        expected.append(free)
    assert fifo(ready, service) == pytest.approx(expected)


def test_the_fewest_senders_carry_the_rate() -> None:
    # 10/s behind senders of 4/s: three of them, each sends 10/12 of what it has
    fed = feed(prefill_requests_per_s=4.0, decode_requests_per_s=10.0)
    assert (fed.replicas, fed.share) == (3, pytest.approx(10 / 12))
    assert feed(prefill_requests_per_s=20.0, decode_requests_per_s=10.0).share == 0.5
    assert feed(prefill_requests_per_s=5.0, decode_requests_per_s=10.0).replicas == 2


def run(handover=FAST, *, prefill_rate=8.0, decode_rate=10.0, requests=8_000, **changes):
    return simulate_tandem(
        PREFILL,
        DECODE,
        LENGTHS,
        prefill_requests_per_s=prefill_rate,
        decode_requests_per_s=decode_rate,
        handover=handover,
        requests=requests,
        **changes,
    )


def test_an_idle_tandem_is_the_sum_of_its_parts() -> None:
    # 1,000 tokens, one at a time: a + 1000 d = 25 ms, moved twice at 1 us/token = 2 ms,
    # first step a + b + g * 1000 (as prompt work d' = b/1000 + g) = 5.03 ms, frontends 2 * 30 ms
    one = Lengths(np.array([1000], dtype=np.int64), np.array([2], dtype=np.int64))
    found = simulate_tandem(
        PREFILL,
        law(d=1e-8 + 2e-8, chunk_tokens=1e6),
        one,
        prefill_requests_per_s=0.01,
        decode_requests_per_s=0.01,
        handover=Handover(sent_s_per_token=1e-6, received_s_per_token=1e-6),
        requests=200,
    )
    assert np.median(found.ttft_s) == pytest.approx(0.025 + 0.002 + 0.00503 + 0.06, rel=1e-3)


def test_a_slower_network_only_adds() -> None:
    fast, slow = run(), run(Handover(sent_s_per_token=2e-6, received_s_per_token=2e-6))
    longest = 2 * 2e-6 * LENGTHS.input_tokens.max()
    added = slow.percentile("ttft", 0.5) - fast.percentile("ttft", 0.5)
    assert 0 < added < 3 * longest
    assert slow.percentile("tpot", 0.5) == pytest.approx(fast.percentile("tpot", 0.5), rel=0.02)


def test_a_cache_has_a_least_size() -> None:
    least = Handover(sent_s_per_token=1e-5, received_s_per_token=1e-5, least_tokens=4000.0)
    plain = Handover(sent_s_per_token=1e-5, received_s_per_token=1e-5)
    assert run(least, prefill_rate=1.0, decode_rate=1.0).ttft_s.mean() > (
        run(plain, prefill_rate=1.0, decode_rate=1.0).ttft_s.mean() + 0.03
    )


def test_the_sum_of_percentiles_bounds_that_of_the_sum() -> None:
    prompts = Lengths(LENGTHS.input_tokens, np.ones_like(LENGTHS.output_tokens))
    first = simulate(PREFILL, prompts, 18.0, requests=20_000, seed=3).percentile("ttft", 0.9925)
    last = simulate(DECODE, LENGTHS, 25.0, requests=20_000, seed=4).percentile("ttft", 0.9975)
    moved = 2 * 1e-7 * 4000 * 10
    whole = run(prefill_rate=18.0, decode_rate=25.0, requests=20_000).percentile("ttft", 0.99)
    assert whole <= first + last + moved


@pytest.mark.parametrize("burstiness", [1.0, 2.0])
def test_what_leaves_the_prefill_pool_is_no_burstier_than_what_arrives(burstiness) -> None:
    """A decode replica sized for the arrivals' own burstiness holds behind the prefill pool."""
    alone = simulate(DECODE, LENGTHS, 60.0, requests=30_000, seed=5, stream=Stream(burstiness))
    behind = run(prefill_rate=18.0, decode_rate=60.0, requests=30_000, stream=Stream(burstiness))
    for metric in ("tpot", "itl"):
        assert behind.percentile(metric, 0.99) <= 1.03 * alone.percentile(metric, 0.99)


def test_requests_are_measured_once_and_in_time() -> None:
    found = run()
    assert found.completed == found.arrived
    assert (found.e2e_s >= found.ttft_s).all()
    assert (found.ttft_s >= 0.06).all()
