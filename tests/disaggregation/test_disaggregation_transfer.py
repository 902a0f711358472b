"""Transfers: times by hand, the rate that a network allows, and what it grows with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.disaggregation.split import NETWORK_TAIL, Part
from recommender.disaggregation.transfer import (
    MOST_BUSY,
    Prompts,
    cache_bytes_per_token,
    largest_transfer_rate,
    prompts_of,
    token_transfer_s,
    wait_s,
)
from recommender.slo import Target
from recommender.workload import Lengths

PART = Part(target=Target("ttft", 2.0), prefill_s=1.7, transfer_s=0.2, decode_s=0.1)
PROMPTS = Prompts(
    mean=1000.0,
    long=5000.0,
    busy=np.array([0.0, 0.25, 0.5]),
    wait=np.array([0.0, 3000.0, 8000.0]),
)


def one(value: float):
    return np.array([value])


def test_cache_of_llama_70b_by_hand() -> None:
    # 80 layers, 8 KV heads of 128, K and V, 2 bytes: 327,680 B; on tp 4 each rank holds a quarter
    found = cache_bytes_per_token(bytes_per_token_rank=one(81_920.0), tp=one(4.0), pp=one(1.0))
    assert found[0] == 327_680


def test_time_of_a_token_by_hand() -> None:
    # 327,680 B over 0.7 * 400 GB/s * 4/8 = 140 GB/s: 2.3406 us
    found = token_transfer_s(
        bytes_per_token=one(327_680.0),
        network_gb_per_s=one(400.0),
        tp=one(4.0),
        pp=one(1.0),
        node=one(8.0),
    )
    assert found[0] == pytest.approx(327_680 / 140e9)


def test_wait_is_that_of_the_next_busier_network_on_the_grid() -> None:
    # s = 10 us: 8000 tokens at 50 % are 80 ms, and so at 30 %; 3000 at 25 % are 30 ms
    found = wait_s(np.array([0.0, 0.25, 0.3, 0.5, 0.6]), one(1e-5), PROMPTS)
    assert found == pytest.approx([0.0, 0.03, 0.08, 0.08, np.inf])


def test_waits_of_prompts_rise_from_none_to_those_at_the_most_busy() -> None:
    lengths = Lengths(np.array([10, 4000, 900], np.int64), np.array([5, 5, 5], np.int64))
    found = prompts_of(lengths, PART, least_tokens=0.0)
    assert found.busy[0] == 0.0 and found.busy[-1] == MOST_BUSY
    assert (np.diff(found.wait) >= 0).all()
    quiet = NETWORK_TAIL * PART.late  # so rarely busy that the percentile does not wait
    assert found.wait[found.busy <= quiet].max() == 0.0 < found.wait[found.busy > quiet].min()


@given(st.floats(1e-8, 1e-4), st.floats(0, 8192))
def test_the_largest_rate_keeps_the_limit(token_s, clump) -> None:
    rate = largest_transfer_rate(one(token_s), PROMPTS, PART.transfer_s, clump_tokens=one(clump))[0]
    busy = rate * token_s * PROMPTS.mean
    assert busy <= MOST_BUSY * (1 + 1e-9)
    if rate > 0:
        waited = wait_s(one(busy), one(token_s), PROMPTS)[0]
        taken = token_s * (PROMPTS.long + clump) + waited
        assert taken <= 0.5 * PART.transfer_s * (1 + 1e-6)
    else:
        least_wait = PROMPTS.wait[1]
        least = token_s * (PROMPTS.long + clump + least_wait)
        assert least >= 0.5 * PART.transfer_s * (1 - 1e-6)


@given(st.floats(1e-8, 1e-5), st.floats(1.0, 10.0))
def test_more_network_never_carries_less(token_s, faster) -> None:
    slow = largest_transfer_rate(one(token_s), PROMPTS, PART.transfer_s, clump_tokens=one(2048.0))
    fast = largest_transfer_rate(
        one(token_s / faster), PROMPTS, PART.transfer_s, clump_tokens=one(2048.0)
    )
    assert fast[0] >= slow[0]


def test_short_prompts_move_as_much_as_the_floor() -> None:
    lengths = Lengths(np.array([10, 4000], np.int64), np.array([5, 5], np.int64))
    assert prompts_of(lengths, PART, least_tokens=0.0).mean == 2005.0
    assert prompts_of(lengths, PART, least_tokens=1000.0).mean == 2500.0
    assert prompts_of(lengths, PART, least_tokens=0.0).long == 4000.0
