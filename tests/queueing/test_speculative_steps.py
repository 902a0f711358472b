"""Steps that give a sequence several tokens: the simulator by hand, closed forms beside it."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw, concatenate
from recommender.queueing.arrivals import Draw
from recommender.queueing.capacity import capacity
from recommender.queueing.draft_gains import Gains, draw_steps
from recommender.queueing.latency import latency
from recommender.queueing.laws import step_gains
from recommender.queueing.moments import length_moments
from recommender.queueing.policy import Policy
from recommender.queueing.simulator import replay, simulate
from recommender.workload import Lengths

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
DRAFTING = replace(LAW, tokens_per_step=2.5, verified_tokens=4.0)
CERTAIN = replace(LAW, tokens_per_step=4.0, verified_tokens=4.0)
"""Every draft is accepted."""


def alone(prompt: int, output: int) -> Draw:
    """Ten requests, ten seconds apart."""
    return Draw(
        arrival=np.arange(10.0) * 10.0,
        input_tokens=np.full(10, prompt),
        output_tokens=np.full(10, output),
        rank=np.zeros(10, np.int64),
    )


def test_a_request_alone_by_hand():
    """41 tokens: 10 steps of 4 after the first; contexts 101, 105, ... 137: sum 1190.

    10*(8 ms + 50 us) + 1e-8*1190 s = 80.5 + 0.012 ms; per token 80.512/40 ms
    """
    run = replay(CERTAIN, alone(100, 41))
    decode = 10 * (8e-3 + 5e-5) + 1e-8 * 1190
    assert run.tpot_s == pytest.approx(decode / 40)
    assert run.e2e_s - run.ttft_s == pytest.approx(decode)
    assert run.decoded_tokens == 10 * 40


def test_requests_take_the_steps_that_their_drafts_leave():
    """Without attention a request alone takes D steps of 8.05 ms, D drawn by the seed."""
    law = replace(DRAFTING, g=0.0)
    run, again = (replay(law, alone(100, 41), seed=7) for _ in range(2))
    steps = draw_steps(np.full(10, 40), Gains(2.5, 4), seed=7)
    assert (run.e2e_s - run.ttft_s) / 8.05e-3 == pytest.approx(steps)
    assert run.steps == 10 + steps.sum()  # one prefill each
    assert len(set(steps.tolist())) > 1
    assert (run.tpot_s == again.tpot_s).all()
    assert (replay(law, alone(100, 41), seed=8).tpot_s != run.tpot_s).any()


@pytest.mark.parametrize("output, ratio", [(21, 1.50), (51, 1.30), (201, 1.14)])
def test_acceptance_spreads_tpot(output, ratio):
    """An empty replica: p99 of TPOT is that of the steps, here over tokens/A steps of 8.05 ms.

    Closed forms know no whole steps: within one of tokens/2.5.
    """
    lengths, law = Lengths(np.array([10]), np.array([output])), replace(DRAFTING, g=0.0)
    step_s = 8.05e-3 / 2.5
    run = simulate(law, lengths, 0.01, requests=20_000)
    assert run.percentile("tpot", 0.99) / step_s == pytest.approx(ratio, rel=0.01)
    closed = float(latency(law, lengths, 0.01).tpot_s[0]) / step_s
    assert closed == pytest.approx(ratio, abs=2.5 / (output - 1))


def test_less_certain_gains_are_slower_in_the_tail():
    """The same mean from more drafts, accepted less often, varies more."""
    lengths = Lengths(np.array([600]), np.array([60]))
    laws = [replace(DRAFTING, verified_tokens=v) for v in (3.0, 4.0, 6.0, 9.0)]
    closed = [float(latency(law, lengths, 0.1).tpot_s[0]) for law in laws]
    simulated = [
        simulate(law, lengths, 0.1, requests=5000).percentile("tpot", 0.99) for law in laws
    ]
    assert closed == sorted(closed)
    assert simulated == sorted(simulated)


def test_one_token_per_step_is_the_plain_law():
    plain = simulate(LAW, Lengths(np.array([500]), np.array([80])), 8.0, requests=4000)
    same = simulate(
        replace(LAW, tokens_per_step=1.0, verified_tokens=1.0),
        Lengths(np.array([500]), np.array([80])), 8.0, requests=4000,
    )  # fmt: skip
    assert (plain.tpot_s == same.tpot_s).all()


def test_moments_count_steps_and_whole_contexts():
    lengths = Lengths(np.array([100]), np.array([41]))
    moments = length_moments(lengths, Gains(4.0, 4))
    assert moments.decode_steps == 10
    assert moments.context == 100 + 4 * 11 / 2
    assert moments.held == 141
    # 3 tokens after the first, one draft, accepted every other time: E[D] 2.25, Var 3/16
    drawn = length_moments(Lengths(np.array([100]), np.array([4])), Gains(1.5, 2))
    assert drawn.decode_steps == pytest.approx(2.25)
    assert drawn.decode_steps_square == pytest.approx(2.25**2 + 0.1875)
    assert drawn.context == pytest.approx(100 + 1.5 * (2.25 * 3.25 + 0.1875) / 2 / 2.25)


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
        step_gains(concatenate([LAW, DRAFTING]))
    with pytest.raises(ValueError, match="not for speculation"):
        replay(DRAFTING, alone(100, 41), policy=Policy("chunked", "preempt"))


def test_outputs_that_just_miss_a_full_step_are_slower_than_shorter_ones():
    """Nine outputs of 5 tokens to one of 6, 4 tokens in every step, almost idle.

    4 tokens after the first take 1 step, 5 take 2: TPOT tau/4 and 2*tau/5, of 10 % the latter.
    """
    law = replace(LAW, tokens_per_step=4.0, verified_tokens=4.0)
    lengths = Lengths(np.full(10, 500), np.array([5] * 9 + [6]))
    step_s = law.a + law.b + law.g * 504  # one sequence
    for percentile, by_hand in ((0.5, step_s / 4), (0.92, 2 * step_s / 5)):
        found = latency(law, lengths, 0.01, percentile=percentile).tpot_s[0]
        assert found == pytest.approx(by_hand, rel=0.01)
        run = simulate(law, lengths, 0.01, requests=4000, seed=1)
        assert run.percentile("tpot", percentile) == pytest.approx(by_hand, rel=0.01)


def test_short_outputs_with_certain_drafts_follow_the_simulator():
    """p90 was 26 % too low where lengths just below and above a full step shared a node."""
    law = replace(LAW, tokens_per_step=4.0, verified_tokens=4.0)
    lengths = Lengths(np.full(10, 500), np.array([5] * 9 + [6]))
    run = simulate(law, lengths, 5.0, requests=40_000, seed=1)
    found = latency(law, lengths, 5.0, percentile=0.9).tpot_s[0]
    assert found == pytest.approx(run.percentile("tpot", 0.9), rel=0.1)
