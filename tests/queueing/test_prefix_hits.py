"""Prompt tokens found in a prefix cache: attended and stored, not computed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.performance.moments import moments as law_moments
from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw
from recommender.queueing.capacity import capacity
from recommender.queueing.latency import latency
from recommender.queueing.moments import length_moments
from recommender.queueing.simulator import replay, simulate
from recommender.workload import Lengths

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
PROMPTS = Lengths(np.array([1000, 4000]), np.array([100, 20]))


def test_a_share_of_every_prompt():
    found = PROMPTS.with_hits(0.25)
    assert found.cached_tokens is not None
    assert found.cached_tokens.tolist() == [250, 1000]
    assert found.computed_tokens.tolist() == [750, 3000]
    assert found.hit_share == 0.25
    # (I^2 - k^2)/c^2 = (1 - 1/16)/(9/16) = 15/9 = (1 + h)/(1 - h)
    assert found.attended_factor == pytest.approx(1.25 / 0.75)
    assert found.longest == PROMPTS.longest  # all of it is stored


def test_the_last_token_is_always_computed():
    found = Lengths(np.array([1, 2, 100]), np.array([4, 4, 4])).with_hits(0.99)
    assert found.computed_tokens.min() == 1


def test_hits_of_a_trace_are_scaled_down_to_the_share_that_is_realised():
    ideal = replace(PROMPTS, cached_tokens=np.array([0, 3000]))
    assert ideal.hit_share == 0.6  # 3000 of 5000
    half = ideal.with_hits(0.3)
    assert half.cached_tokens is not None
    assert half.cached_tokens.tolist() == [0, 1500]
    # E[I^2 - k^2] = (1e6 + 16e6 - 2.25e6)/2, E[c^2] = (1e6 + 6.25e6)/2
    assert half.attended_factor == pytest.approx(14.75 / 7.25)
    with pytest.raises(ValueError, match=r"60\.0% can be found"):
        ideal.with_hits(0.7)
    longer = half.rescaled(mean_input=5000.0, mean_output=None)
    assert longer.cached_tokens is not None
    assert longer.cached_tokens.tolist() == [0, 3000]


def test_no_hits_are_no_cache():
    assert PROMPTS.with_hits(0.0).cached_tokens is None
    assert PROMPTS.attended_factor == 1.0
    assert PROMPTS.computed_tokens is PROMPTS.input_tokens


def test_moments_count_computed_prompts_and_whole_contexts():
    plain, found = length_moments(PROMPTS), length_moments(PROMPTS.with_hits(0.25))
    assert found.input_powers[1] == 0.75 * plain.input_powers[1]
    assert found.input_powers[2] == pytest.approx(0.75**2 * plain.input_powers[2])
    assert (found.context, found.held) == (plain.context, plain.held)
    around, less = law_moments(PROMPTS), law_moments(PROMPTS.with_hits(0.25))
    assert less.context_tokens == around.context_tokens
    assert less.prompt_tokens == pytest.approx(0.75 * around.prompt_tokens)
    assert less.prompt_per_output == pytest.approx(0.75 * around.prompt_per_output)


def test_an_idle_replica_computes_the_rest_of_a_prompt_by_hand():
    """1000 tokens, 250 found: one chunk of 750 that attends to 250 before it.

    8 ms + 2e-5*750 + 1e-9*750*(250 + 375) = 8 + 15 + 0.469 ms
    """
    alone = Draw(
        arrival=np.arange(10.0),
        input_tokens=np.full(10, 1000),
        output_tokens=np.ones(10, np.int64),
        rank=np.zeros(10, np.int64),
        cached_tokens=np.full(10, 250),
    )
    assert replay(LAW, alone).ttft_s == pytest.approx(8e-3 + 15e-3 + 0.46875e-3)
    fixed = Lengths(np.array([1000]), np.array([2])).with_hits(0.25)
    closed = latency(LAW, fixed, 1e-6, percentile=0.5).ttft_s
    assert closed == pytest.approx(23.46875e-3, rel=0.01)


def test_capacity_at_the_token_budget_by_hand():
    """One-token outputs, chunks of 2048: (2048/750) prompts per step of 8 + 2048/750*15.47 ms."""
    fixed = Lengths(np.array([1000]), np.array([1])).with_hits(0.25)
    prompts = 2048 / 750
    assert capacity(LAW, fixed) == pytest.approx(prompts / (8e-3 + prompts * 15.46875e-3))


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_closed_forms_follow_the_simulator(share):
    random = np.random.default_rng(1)
    drawn = np.maximum(random.gamma(2.0, 500.0, 2000), 16).astype(np.int64)
    lengths = Lengths(drawn, np.full(2000, 120)).with_hits(share)
    rate = 0.6 * float(capacity(LAW, lengths)[0])
    run = simulate(LAW, lengths, rate, requests=20_000)
    closed = latency(LAW, lengths, rate)
    assert run.percentile("ttft", 0.99) == pytest.approx(float(closed.ttft_s[0]), rel=0.15)
    assert run.percentile("tpot", 0.99) == pytest.approx(float(closed.tpot_s[0]), rel=0.15)
    computed = float(lengths.mean_computed) * run.arrived
    assert run.prefilled_tokens == pytest.approx(computed, rel=0.02)


@settings(max_examples=25, deadline=None)
@given(
    low=st.floats(0.0, 0.9), more=st.floats(0.0, 0.09), prompt=st.integers(2, 20_000),
    output=st.integers(1, 2_000),
)  # fmt: skip
def test_more_hits_never_carry_less(low, more, prompt, output):
    lengths = Lengths(np.array([prompt]), np.array([output]))
    few, many = (float(capacity(LAW, lengths.with_hits(h))[0]) for h in (low, low + more))
    assert many >= few * (1 - 1e-12)
