"""Decode engines whose prompts come with their cache: preemptions by hand, and without shortage."""

from dataclasses import replace

import numpy as np
import pytest
from test_policies import LAW, given, padded
from test_tandem import DECODE, FAST, LENGTHS, PREFILL

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import draw_requests
from recommender.queueing.received import replay_received
from recommender.queueing.simulated import Simulated
from recommender.queueing.tandem import replay_tandem

ENGINE = replace(LAW, a=1.0, b=0.0, g=0.0, d=0.5, q=0.0, kv_tokens=12.0, chunk_tokens=8.0)
RECEIVES = replace(ENGINE, d=0.1, chunk_tokens=1e6)
TWO = padded(given([0.0, 0.0], [4, 4], [5, 5]))


def test_what_is_preempted_is_computed_here_by_hand() -> None:
    """KV for 12 tokens, two requests of 4 prompt and 5 output tokens, 0.1 s per received token.

    step  first                    second                    KV in use    ends at
    1     received, token 1        received, token 1         8            1 + 0.1*8 = 1.8 s
    2     token 2                  token 2                   10           2.8 s
    3     token 3                  token 3                   12           3.8 s
    4     token 4                  preempted: 12 + 2 > 12    7            4.8 s
    5     token 5, complete        waits: 7 + 1 + 7 > 12     8, then 0    5.8 s
    6                              computes 4 + 3, token 4   7            1 + 0.5*7 later, 10.3 s
    7                              token 5, complete         8            11.3 s
    """
    run = replay_received(RECEIVES, TWO, recompute=ENGINE)
    assert run.preemptions == 1
    assert run.ttft_s[:2] == pytest.approx([1.8, 1.8])
    assert run.e2e_s[:2] == pytest.approx([5.8, 11.3])
    assert run.most_kv_tokens <= 12
    assert run.completed == run.arrived


def test_what_is_computed_here_takes_its_share_of_the_budget() -> None:
    """A budget of 4: step 5 decodes one token and computes 3 of the 7, step 6 the other 4.

    step 5  7 + 1 + 3 <= 12    1 + 0.5*3 after 4.8 = 7.3 s, the first is complete
    step 6  token 4            1 + 0.5*4 later, 10.3 s
    step 7  token 5            11.3 s
    """
    run = replay_received(RECEIVES, TWO, recompute=replace(ENGINE, chunk_tokens=4.0))
    assert run.e2e_s[:2] == pytest.approx([7.3, 11.3])


def test_a_received_prompt_takes_one_token_of_the_budget() -> None:
    # four of them fit a step of four tokens, however long they are: 1 + 0.1 * (3 * 4 + 8)
    four = padded(given([0.0] * 4, [4, 4, 4, 8], [1, 1, 1, 1]))
    small = replace(ENGINE, chunk_tokens=4.0, kv_tokens=100.0)
    run = replay_received(replace(RECEIVES, kv_tokens=100.0), four, recompute=small)
    assert run.ttft_s[:4] == pytest.approx([3.0] * 4)


def test_without_shortage_nothing_is_computed_again() -> None:
    drawn = draw_requests(LENGTHS, count=4000, seed=3, burstiness=1.0, ranks=1)
    arriving = replace(drawn, arrival=drawn.arrival / 10.0)
    one, two = (replay_received(DECODE, arriving, recompute=law) for law in (None, PREFILL))
    assert two.preemptions == 0
    assert np.array_equal(one.e2e_s, two.e2e_s)


def _short(recompute: StepLaw | None) -> Simulated:
    drawn = draw_requests(LENGTHS, count=6000, seed=5, burstiness=1.0, ranks=1)
    streams = [replace(drawn, arrival=drawn.arrival / 8.0)]
    decode = replace(DECODE, kv_tokens=30_000.0)
    return replay_tandem(
        PREFILL, decode, streams, share=1.0, handover=FAST, seed=1, recompute=recompute
    )


def test_a_tandem_short_of_cache_loses_no_request_and_pays_for_prompts_again() -> None:
    run, dearer = (_short(replace(PREFILL, d=d)) for d in (2e-5, 4e-5))
    assert run.preemptions > 0
    assert run.completed == run.arrived == 6000
    assert run.most_kv_tokens <= 30_000
    assert np.all(run.e2e_s >= run.ttft_s)
    assert dearer.tpot_s[~np.isnan(dearer.tpot_s)].mean() > run.tpot_s[~np.isnan(run.tpot_s)].mean()
    # taking KV as needed starts requests sooner than reserving their whole length
    assert run.ttft_s.mean() < _short(None).ttft_s.mean()
