"""Prompts whose way to their first token is longer than what it takes from others, in pools."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.disaggregation.pool_laws import prefill_law
from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, draw_requests
from recommender.queueing.simulator import replay
from recommender.queueing.tandem import Handover, replay_tandem
from recommender.workload import Lengths

LAW = StepLaw(
    a=np.array([5e-3]), b=np.array([2e-5]), g=np.array([1e-8]), d=np.array([2e-5]),
    q=np.array([1e-9]), max_batch=np.array([256.0]), kv_tokens=np.array([4e5]),
    chunk_tokens=np.array([2048.0]), prompt_stretch=np.array([1.5]),
)  # fmt: skip
LENGTHS = Lengths(np.array([1000, 40_000], np.int64), np.array([100, 300], np.int64))
HELD_S = 0.1


def kept(law, lengths=LENGTHS):
    """Cache of the prefill law [tokens]."""
    found = prefill_law(law, lengths, context_tokens=2000.0, prompt_token_s=LAW.d, held_s=HELD_S)
    return float(found.kv_tokens[0])


def test_what_is_computed_on_the_longer_way_is_kept_as_well():
    """K' = 4e5 - (5,000 + u + 2,048 + 40,000), u = 0.5 * (40,000 + 1e-9/2e-5 * 40,000^2/2)."""
    assert kept(LAW) == pytest.approx(312_952)
    assert kept(replace(LAW, prompt_stretch=1.0)) == pytest.approx(352_952)


def test_a_margin_for_model_error_leaves_the_longer_way_as_it_is():
    assert kept(LAW.slower(2.0)) == pytest.approx(kept(LAW))


def test_prompts_in_the_cache_are_no_part_of_the_longer_way():
    """Half of each is found: c = 20,000 and phi = 3, so u = 0.5 * (20,000 + 3 * 10,000) = 25,000
    are computed meanwhile, of prompts of 50,000.
    """
    half = Lengths(LENGTHS.input_tokens, LENGTHS.output_tokens, LENGTHS.input_tokens // 2)
    without = kept(replace(LAW, prompt_stretch=1.0), half)
    assert without - kept(LAW, half) == pytest.approx(50_000)


def test_no_more_waits_on_a_replica_than_is_kept_for_it():
    """A replica that gets long prompts without a pause: the one that is computed, and those that
    are and have not moved, where each moves HELD_S after it is ready.
    """
    law, count = LAW.take(0), 200
    tokens, ones = np.full(count, 40_000), np.ones(count, np.int64)
    arriving = Draw(np.zeros(count), tokens, ones, np.zeros(count, np.int64))
    computed_s = replay(replace(law, prompt_stretch=1.0), arriving).ttft_s
    moved_s = replay(law, arriving).ttft_s + HELD_S
    waiting = max(int(((computed_s <= at) & (moved_s > at)).sum()) for at in computed_s)
    assert waiting == 1
    assert 40_000 * (1 + waiting) <= float(law.kv_tokens) - kept(LAW)


def test_the_whole_takes_longer_by_the_stretch_of_the_prompt_and_no_network():
    """Requests far apart, free transfers: 0.5 * (2e-5 * 1,000 + 1e-9 * 1,000^2 / 2)."""
    one = Lengths(np.array([1000]), np.array([30]))
    drawn = draw_requests(one, count=200, seed=1, burstiness=1.0, ranks=1)
    streams = [replace(drawn, arrival=100.0 * np.arange(200))]
    decode = replace(LAW.take(0), prompt_stretch=1.0)

    def run(law):
        handover = Handover(sent_s_per_token=0.0, received_s_per_token=0.0, least_tokens=0.0)
        return replay_tandem(law, decode, streams, share=1.0, handover=handover)

    plain, longer = run(decode), run(LAW.take(0))
    assert longer.ttft_s - plain.ttft_s == pytest.approx(0.01025)
    assert longer.e2e_s - plain.e2e_s == pytest.approx(0.01025)
    assert longer.tpot_s == pytest.approx(plain.tpot_s)
