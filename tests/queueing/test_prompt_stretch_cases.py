"""The longer way of a prompt where it is cut, cached, drafted for, or computed again."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import draw_requests
from recommender.queueing.latency import latency
from recommender.queueing.received import replay_received
from recommender.queueing.simulator import simulate
from recommender.workload import Lengths

PLAIN = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=64.0, kv_tokens=1e6, chunk_tokens=2048.0,
    frontend_s=0.04,
)  # fmt: skip
WHOLE = Lengths(np.array([3000]), np.array([31]))
HALF_CACHED = Lengths(np.array([3000]), np.array([31]), cached_tokens=np.array([1500]))
WHOLE_S, HALF_S = 0.0645, 0.033375
"""By hand: 2e-5 * 3,000 + 1e-9 * 3,000^2/2; 2e-5 * 1,500 + 1e-9 * (3,000^2 - 1,500^2)/2."""
CASES = {
    "cut": ({"chunk_tokens": 256.0}, WHOLE, WHOLE_S),
    "cached": ({}, HALF_CACHED, HALF_S),
    "cached and cut": ({"chunk_tokens": 256.0}, HALF_CACHED, HALF_S),
    "ranks": ({"ranks": 4.0}, WHOLE, WHOLE_S),
    "drafts": ({"tokens_per_step": 2.5, "verified_tokens": 4.0}, WHOLE, WHOLE_S),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("metric", ["ttft", "e2e"])
def test_closed_forms_and_replay_add_the_same(case, metric):
    changes, lengths, own_s = CASES[case]
    plain = replace(PLAIN, **changes)
    longer = replace(plain, prompt_stretch=2.0)
    runs = [simulate(law, lengths, 0.5, requests=2000) for law in (plain, longer)]
    replayed = [np.quantile(getattr(run, f"{metric}_s"), 0.99) for run in runs]
    forms = [
        getattr(latency(law, lengths, np.array([0.5]), metrics=(metric,)), f"{metric}_s").item()
        for law in (plain, longer)
    ]
    assert replayed[1] - replayed[0] == pytest.approx(own_s, rel=1e-6)
    assert forms[1] - forms[0] == pytest.approx(own_s, rel=0.02 if metric == "ttft" else 0.1)


def test_a_decode_engine_computes_what_it_preempted_without_a_way_of_its_own():
    """The law of a replica that does both has a longer way; its caches arrived whole."""
    arriving = draw_requests(WHOLE, count=400, seed=3, burstiness=1.0, ranks=1)
    decode = replace(PLAIN, d=2e-8, q=0.0, chunk_tokens=200_000.0)
    runs = [
        replay_received(decode, arriving, recompute=replace(PLAIN, prompt_stretch=stretch))
        for stretch in (1.0, 2.0)
    ]
    assert np.array_equal(runs[0].ttft_s, runs[1].ttft_s)
    assert np.array_equal(runs[0].e2e_s, runs[1].e2e_s)
