"""A prompt's way to its own first token is longer than what it takes from the others."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.disaggregation.pool_laws import decode_law
from recommender.performance.step_law import StepLaw
from recommender.queueing.latency import latency
from recommender.queueing.prefill_first import prefill_first_s
from recommender.queueing.simulator import simulate
from recommender.slo import Target
from recommender.workload import Lengths, Workload

PLAIN = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=64.0, kv_tokens=1e6, chunk_tokens=2048.0,
    frontend_s=0.04,
)  # fmt: skip
LONGER = replace(PLAIN, prompt_stretch=1.5)
MIXED = Lengths(np.array([100, 1000, 3000]), np.array([11, 31, 101]))
OWN_S = {100: 0.002005, 1000: 0.0205, 3000: 0.0645}
"""By hand: 2e-5 * i + 1e-9 * i^2 / 2."""


@pytest.mark.parametrize("scheduler", ["chunked", "prefill_first"])
def test_a_replay_adds_half_of_the_prompt_to_its_own_first_token_and_to_nothing_else(scheduler):
    plain, longer = (
        simulate(law, MIXED, 4.0, requests=2000, scheduler=scheduler) for law in (PLAIN, LONGER)
    )
    added = 0.5 * np.array([OWN_S[int(tokens)] for tokens in plain.input_tokens])
    assert longer.ttft_s - plain.ttft_s == pytest.approx(added, abs=1e-9)
    assert longer.e2e_s - plain.e2e_s == pytest.approx(added, abs=1e-9)
    assert np.array_equal(longer.tpot_s, plain.tpot_s, equal_nan=True)
    assert longer.busy_s == plain.busy_s


def test_what_a_cache_holds_is_not_stretched_but_attended_to():
    """1,000 tokens of which 600 are cached: 400 computed at a mean context of 600 + 200."""
    lengths = Lengths(np.array([1000]), np.array([5]), cached_tokens=np.array([600]))
    plain, longer = (simulate(law, lengths, 4.0, requests=500) for law in (PLAIN, LONGER))
    added = 0.5 * (2e-5 * 400 + 1e-9 * 400 * 800)
    assert longer.ttft_s - plain.ttft_s == pytest.approx(np.full(500, added), abs=1e-9)


def _p99_s(law, lengths, metric, rate):
    found = latency(law, lengths, np.array([rate]), metrics=(metric,))
    return getattr(found, f"{metric}_s").item()


@pytest.mark.parametrize("rate", [0.5, 4.0, 12.0])
def test_of_one_length_percentiles_move_by_half_of_the_prompt(rate):
    one = Lengths(np.array([1000]), np.array([31]))
    plain, longer = (_p99_s(law, one, "ttft", rate) for law in (PLAIN, LONGER))
    assert longer - plain == pytest.approx(0.01025, rel=1e-3)
    plain, longer = (_p99_s(law, one, "e2e", rate) for law in (PLAIN, LONGER))
    assert longer - plain == pytest.approx(0.01025, rel=0.1)
    plain, longer = (_p99_s(law, one, "tpot", rate) for law in (PLAIN, LONGER))
    assert longer == plain


def test_engines_that_compute_prompts_first_wait_for_their_own_alike():
    one = Workload("one", 4.0, Lengths(np.array([1000]), np.array([31])))
    for metric, added in (("ttft", 0.01025), ("e2e", 0.01025), ("tpot", 0.0)):
        plain, longer = (
            prefill_first_s(law, one, Target(metric, 1.0), 4.0).item() for law in (PLAIN, LONGER)
        )
        assert longer - plain == pytest.approx(added, rel=0.1, abs=1e-9)


@pytest.mark.parametrize("rate", [1.0, 6.0])
def test_closed_forms_meet_the_replay(rate):
    run = simulate(LONGER, MIXED, rate, requests=60_000)
    found = _p99_s(LONGER, MIXED, "ttft", rate)
    assert found == pytest.approx(np.quantile(run.ttft_s, 0.99), rel=0.1)


def test_a_margin_makes_the_way_longer_as_well():
    one = Lengths(np.array([1000]), np.array([31]))
    slower = simulate(LONGER.slower(2.0), one, 0.001, requests=200).ttft_s
    alone = simulate(LONGER, one, 0.001, requests=200).ttft_s
    assert slower - 0.04 == pytest.approx(2.0 * (alone - 0.04))


def test_prompts_that_arrive_with_their_cache_have_no_way_of_their_own():
    assert np.all(decode_law(replace(LONGER, a=np.array([8e-3])), MIXED).prompt_stretch == 1.0)
