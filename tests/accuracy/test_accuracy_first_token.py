"""What is learned of first tokens beside the formulas: features, and weights by group."""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import questions

from catalog.calibration import FirstToken, load_calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.first_token import features, first_token_factors
from recommender.accuracy.fit.first_token_fit import explained, fit_first_token
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.prediction import own_values
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing
from recommender.accuracy.version_month import version_month

CALIBRATION = load_calibration()


def timing_of(asked):
    """Times of these questions by the shipped constants."""
    scenarios = [question.scenario for question in asked]
    table = scenario_table(scenarios, CALIBRATION)
    batch = batch_of(table, scenarios, [question.load for question in asked])
    return Timing(table, load_constants(scenarios, CALIBRATION), batch)


def features_of(asked):
    scenarios = [question.scenario for question in asked]
    return features(scenarios, timing_of(asked), np.arange(len(asked)))


def fitted(asked, errors):
    scenarios = [question.scenario for question in asked]
    return fit_first_token(scenarios, features_of(asked), errors)


def explained_of(asked, weights):
    scenarios = [question.scenario for question in asked]
    return explained(scenarios, features_of(asked), weights)


def factors(asked, calibration):
    return first_token_factors(asked, timing_of(asked), calibration)


def ttft(**changes):
    return {"kind": "ttft", "metric": "ttft_mean", **changes}


def test_features_at_the_usual_setting_and_at_their_limits():
    """C=16, 2,048 in, 1,024 out, tp 1 are the origin; beyond 256 in flight C counts as 256."""
    usual = ttft(concurrency_or_batch=16, isl=2048, osl=1024, tp=1, gpu_count=1)
    huge = {**usual, "concurrency_or_batch": 10_000}
    found = features_of(questions(usual, huge))
    assert found[0, :6] == pytest.approx([1, 0, 0, 0, 0, 0])
    assert found[1, :6] == pytest.approx([1, np.log(16), 0, 0, 0, 0])


def test_shares_of_the_first_token_and_one_step_of_decodes_make_it_whole():
    """t0 + D + A + omega*(B - 1)*A + omega*(C - 1)*r = T; alone, nothing waits."""
    asked = questions(ttft(concurrency_or_batch=1), ttft(concurrency_or_batch=64))
    timing, shares = timing_of(asked), features_of(asked)[:, 6:10]
    assert shares.sum(axis=1) + timing.decode / timing.ttft == pytest.approx([1.0, 1.0])
    assert shares[0, 2:] == pytest.approx([0.0, 0.0])
    assert (shares[1] > 0).all()


def test_a_missing_place_costs_what_littles_law_says():
    """One of C requests waits: C*wait = o*TPOT, so ln(1 + o*TPOT/(C*T)); at most ln(1 + 20).

    A single request has its place.
    """
    asked = questions(
        ttft(concurrency_or_batch=8),
        ttft(concurrency_or_batch=4, osl=8192),
        ttft(concurrency_or_batch=1, osl=8192),
    )
    timing = timing_of(asked)
    outputs = asked[0].scenario.output_tokens
    expected = np.log1p(outputs * timing.tpot[0] / (8 * timing.ttft[0]))
    assert features_of(asked)[:, 10] == pytest.approx([expected, np.log1p(20.0), 0.0])


def test_requests_in_flight_are_curved_and_tilt_with_the_prompt():
    """C=64, 512 in: ln(4)^2 = 1.92, ln(4)*ln(1/4) = -1.92; both 0 at C=16."""
    asked = questions(
        ttft(concurrency_or_batch=64, isl=512), ttft(concurrency_or_batch=16, isl=512)
    )
    assert features_of(asked)[:, 11:13] == pytest.approx(
        np.array([[1.92, -1.92], [0, 0]]), abs=0.01
    )


def test_a_small_model_on_many_accelerators_keeps_its_frontend_busy():
    """Llama-3.1-8B in bf16 over 8 H100: 16.06 GB/8 of weights, 128 * 1,280 tokens * 16.4 kB of
    cache, 4.7 GB / 3.35 TB/s = 1.4 ms for 128 tokens, 91,000 per second. On one, eight times as
    much is read for them: 11,400. Measured on 8: first tokens of 2 s, 14 times as at 32 requests.
    """
    small = {
        "model": "Llama-3.1-8B", "precision_weights": "bf16", "isl": 1024, "osl": 512,
        "concurrency_or_batch": 128,
    }  # fmt: skip
    eight, one = ttft(**small, tp=8, gpu_count=8), ttft(**small, tp=1, gpu_count=1)
    few = ttft(**{**small, "concurrency_or_batch": 16}, tp=8, gpu_count=8)
    assert features_of(questions(eight, one, few))[:, 13] == pytest.approx([1, 0, 0])


def test_a_stall_where_many_prompts_arrive_together_is_learned_beside_longer_prompts():
    """32 * 1,024 tokens are a burst, 16 * 1,024 and 8 * 2,048 are not: SGLang of 2025-11 took 7 s
    for the first tokens of DeepSeek in fp4 from there on, and half a second below.
    """
    few, many, longer = (
        ttft(concurrency_or_batch=16, isl=1024), ttft(concurrency_or_batch=32, isl=1024),
        ttft(concurrency_or_batch=8, isl=2048),
    )  # fmt: skip
    asked = questions(few, many, longer)
    assert features_of(asked)[:, 14] == pytest.approx([0, 1, 0])
    weights = fitted(asked * 60, np.tile([0.0, 2.0, 0.0], 60))
    assert explained_of(asked, weights) == pytest.approx([0.0, 2.0, 0.0], abs=0.1)


def test_factors_apply_to_closed_loops_of_known_groups_only():
    known = FirstToken(
        engine="vllm", kind="dense", family="*", silicon="*", constant=np.log(2.0),
        concurrency=1.0, input_tokens=0.0, output_tokens=0.0, tp=0.0, rows=20, source="test",
        verification="derived", date="2026-11-22",
    )  # fmt: skip
    calibration = replace(CALIBRATION, first_token=(known,))
    asked = questions(
        ttft(concurrency_or_batch=16),
        ttft(concurrency_or_batch=64),
        ttft(engine="SGLang"),
        ttft(metric="ttft_static_batch"),
    )
    assert factors(asked, calibration) == pytest.approx([2.0, 8.0, 1.0, 1.0])


def test_versions_are_told_apart_by_month():
    """0.9 of a year is 10.8 months: the eleventh. Mid-November as published: (11 - 0.5) / 12."""
    assert version_month(2025.9) == version_month(2025 + 10.5 / 12) == "2025-11"
    assert version_month(2026.0) == "2026-01"
    assert version_month(None) == "undated"


def test_what_a_version_adds_stays_with_the_version():
    known = FirstToken(
        engine="vllm", kind="dense", family="llama-3.1", silicon="*", version="2025-11",
        constant=np.log(3.0), concurrency=0.0, input_tokens=0.0, output_tokens=0.0, tp=0.0,
        rows=20, source="test", verification="derived", date="2026-11-22",
    )  # fmt: skip
    calibration = replace(CALIBRATION, first_token=(known,))
    llama = ttft(model="Llama-3.1-8B", concurrency_or_batch=16)
    asked = questions(
        {**llama, "engine_version": "2025-11"},
        {**llama, "engine_version": "2025-11", "gpu": "NVIDIA B200"},
        {**llama, "engine_version": "2026-03"},
        {**llama, "engine_version": "2025-11", "model": "Llama-2-7b-hf"},
    )
    assert factors(asked, calibration) == pytest.approx([3.0, 3.0, 1.0, 1.0])


def test_a_format_that_waits_longer_is_learned_within_its_version():
    """SGLang of 2025-11 took seconds for the first tokens of DeepSeek in fp4, and not in fp8."""
    four, eight = (
        ttft(engine_version="2025-11", precision_weights=name) for name in ("int4", "fp8")
    )
    asked = questions(four, eight)
    weights = fitted(asked * 60, np.tile([1.0, 0.0], 60))
    found = explained_of(questions(four, eight), weights)
    assert found == pytest.approx([1.0, 0.0], abs=0.15)


def test_a_version_that_waits_longer_is_learned_beside_one_that_does_not():
    old, new = (ttft(engine_version=version) for version in ("2025-11", "2026-03"))
    asked = questions(old, new)
    weights = fitted(asked * 60, np.tile([1.0, 0.0], 60))
    found = explained_of(questions(old, new, ttft(engine_version="2026-04")), weights)
    assert found[0] == pytest.approx(1.0, abs=0.1) and found[1] == pytest.approx(0.0, abs=0.1)
    assert found[1] < found[2] < found[0]  # an unseen month: what both have in common


def test_a_new_family_waits_as_the_versions_of_its_engine_do():
    """Schedulers are of the engine: what Llama and Qwen wait for in a month, Gemma does too."""
    rows = [
        ttft(engine_version=version, model=model)
        for version in ("2025-11", "2026-03")
        for model in ("Llama-3.1-8B", "Qwen3-32B")
    ]
    asked = questions(*rows)
    weights = fitted(asked * 60, np.tile([1.0, 1.0, 0.0, 0.0], 60))
    slow, quick = explained_of(
        questions(
            ttft(engine_version="2025-11", model="gemma-3-27b"),
            ttft(engine_version="2026-03", model="gemma-3-27b"),
        ),
        weights,
    )
    assert slow > 0.5 > quick + 0.2


def test_the_residual_is_learned_and_a_new_engine_gets_none():
    asked = questions(*[ttft(concurrency_or_batch=2**k, isl=512 * 2 ** (k % 3)) for k in range(8)])
    errors = 0.4 + 0.1 * features_of(asked)[:, 1]
    weights = fitted(asked * 30, np.tile(errors, 30))
    assert explained_of(asked, weights) == pytest.approx(errors, abs=0.03)
    assert explained_of(questions(ttft(engine="SGLang")), weights) == pytest.approx([0.0])
    assert explained((), np.zeros((0, 11)), weights).shape == (0,)


@pytest.mark.parametrize(
    "engine", [("vLLM", "0.12.0"), ("SGLang", "0.5.6"), ("TensorRT-LLM", "1.0")]
)
@pytest.mark.parametrize("tokens", [(1000, 1000), (3000, 1915), (8000, 100)])
def test_a_single_request_waits_for_nobody(engine, tokens):
    """A prompt of 1,000 tokens on 70B was answered after 14 ms, or after 1.2 s: half an answer."""
    name, version = engine
    inputs, outputs = tokens
    (alone,) = questions(
        {
            "kind": "ttft", "metric": "ttft_mean", "concurrency_or_batch": 1, "isl": inputs,
            "osl": outputs, "engine": name, "engine_version": version,
        }
    )  # fmt: skip
    calibration = load_calibration()
    table = scenario_table([alone.scenario], calibration)
    timing = Timing(table, load_constants([alone.scenario], calibration), np.ones(1))
    (found,) = own_values([alone], calibration)
    assert 0.6 * timing.ttft[0] < found < 3.0 * timing.ttft[0]
