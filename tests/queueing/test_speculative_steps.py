"""Steps that give a sequence several tokens: the simulator by hand, closed forms beside it."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw, concatenate
from recommender.queueing.arrivals import Draw
from recommender.queueing.capacity import capacity
from recommender.queueing.latency import latency
from recommender.queueing.laws import step_tokens
from recommender.queueing.moments import decode_steps, length_moments
from recommender.queueing.policy import Policy
from recommender.queueing.simulator import replay, simulate
from recommender.workload import Lengths

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
DRAFTING = replace(LAW, tokens_per_step=2.5, verified_tokens=4.0)


def alone(prompt: int, output: int) -> Draw:
    """Ten requests, ten seconds apart."""
    return Draw(
        arrival=np.arange(10.0) * 10.0,
        input_tokens=np.full(10, prompt),
        output_tokens=np.full(10, output),
        rank=np.zeros(10, np.int64),
    )


def test_steps_of_a_request():
    # 1 token: the prefill alone; 2..3 one step of 2.5; 101 tokens: 100/2.5 = 40
    assert decode_steps(np.array([1.0, 2.0, 3.0, 4.0, 101.0]), 2.5).tolist() == [0, 1, 1, 2, 40]
    assert decode_steps(np.array([1.0, 2.0, 101.0]), 1.0).tolist() == [0, 1, 100]


def test_a_request_alone_by_hand():
    """41 tokens: 16 steps of 2.5 after the first; contexts 101, 103.5, ... 138.5: sum 1916.

    16*(8 ms + 50 us) + 1e-8*1916 s = 128.8 + 0.019 ms; per token 128.82/40 ms
    """
    run = replay(DRAFTING, alone(100, 41))
    decode = 16 * (8e-3 + 5e-5) + 1e-8 * (16 * 101 + 2.5 * 120)
    assert run.tpot_s == pytest.approx(decode / 40)
    assert run.e2e_s - run.ttft_s == pytest.approx(decode)
    assert run.decoded_tokens == 10 * 40


def test_one_token_per_step_is_the_plain_law():
    plain = simulate(LAW, Lengths(np.array([500]), np.array([80])), 8.0, requests=4000)
    same = simulate(
        replace(LAW, tokens_per_step=1.0, verified_tokens=1.0),
        Lengths(np.array([500]), np.array([80])), 8.0, requests=4000,
    )  # fmt: skip
    assert (plain.tpot_s == same.tpot_s).all()


def test_moments_count_steps_and_whole_contexts():
    moments = length_moments(Lengths(np.array([100]), np.array([41])), 2.5)
    assert moments.decode_steps == 16
    assert moments.context == 100 + 2.5 * 17 / 2
    assert moments.held == 141


def test_drafts_take_from_the_budget_of_prompts():
    """Budget 2048: with n sequences, prompts have 2048 - 4n; capacity falls where that binds."""
    prompts = Lengths(np.array([1000]), np.array([200]))
    few = replace(LAW, tokens_per_step=1.0, verified_tokens=4.0, chunk_tokens=600.0)
    assert capacity(few, prompts) < capacity(replace(few, verified_tokens=1.0), prompts)


@pytest.mark.parametrize("output", [40, 400])
def test_closed_forms_follow_the_simulator(output):
    random = np.random.default_rng(2)
    outputs = np.maximum(random.gamma(2.0, output / 2, 2000), 2).astype(np.int64)
    lengths = Lengths(np.full(2000, 600), outputs)
    rate = 0.5 * float(capacity(DRAFTING, lengths)[0])
    run = simulate(DRAFTING, lengths, rate, requests=20_000)
    closed = latency(DRAFTING, lengths, rate)
    assert run.percentile("ttft", 0.99) == pytest.approx(float(closed.ttft_s[0]), rel=0.15)
    assert run.percentile("tpot", 0.99) == pytest.approx(float(closed.tpot_s[0]), rel=0.2)
    assert run.percentile("e2e", 0.99) == pytest.approx(float(closed.e2e_s[0]), rel=0.15)


def test_more_accepted_tokens_carry_more_and_are_quicker():
    lengths = Lengths(np.array([600]), np.array([300]))
    laws = [replace(DRAFTING, tokens_per_step=accepted) for accepted in (1.0, 2.0, 3.0, 4.0)]
    rates = [float(capacity(law, lengths)[0]) for law in laws]
    times = [float(latency(law, lengths, 1.0).tpot_s[0]) for law in laws]
    assert rates == sorted(rates)
    assert times == sorted(times, reverse=True)


def test_what_is_not_computed():
    with pytest.raises(ValueError, match="different tokens per step"):
        step_tokens(concatenate([LAW, DRAFTING]))
    with pytest.raises(ValueError, match="not for speculation"):
        replay(DRAFTING, alone(100, 41), policy=Policy("chunked", "preempt"))
