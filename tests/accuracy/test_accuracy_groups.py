"""Groups of the fit, contradictory rows, families of one network, and first tokens."""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import row

from catalog.calibration import FirstToken, load_calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.first_token import features, first_token_factors
from recommender.accuracy.fit.beyond_datasheet import beyond_datasheet
from recommender.accuracy.fit.contradictions import contradictory
from recommender.accuracy.fit.first_token_fit import explained, fit_first_token
from recommender.accuracy.fit.folds import families_of_one_network, held_out
from recommender.accuracy.fit.groups import (
    CHILD_PRIOR,
    PRIORS,
    ROOT_PRIOR,
    all_groups,
)
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.theta import Shape
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing
from recommender.accuracy.version_month import version_month

CALIBRATION = load_calibration()


def questions(*changes):
    return understood(row(**change) for change in changes).questions


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


def test_rows_of_a_setting_that_contradict_each_other_are_told():
    """14 and 22 ms of one setting: 1.57 times; 14 and 20 are noise; another length is no repeat."""
    asked = questions({}, {}, {"isl": 2048}, {"isl": 2048}, {"isl": 4096})
    assert contradictory(asked, [14, 22, 14, 20, 99]).tolist() == [True, True, False, False, False]


def test_an_engine_of_another_year_is_another_setting():
    asked = questions({"engine_version": "0.9.0"}, {"engine_version": "0.12.0"})
    assert not contradictory(asked, [14, 40]).any()


def test_groups_of_a_row_sum_along_its_lineage():
    asked = questions({"gpu": "NVIDIA B200"}, {"gpu": "NVIDIA H100"})
    groups = all_groups([question.scenario for question in asked])
    first, second = groups.positions([question.scenario for question in asked])
    names = [groups.names[position] for position in first]
    assert names[:2] == [("*", "silicon", "Hopper"), ("*", "silicon", "Blackwell")]
    assert ("vllm dense", "silicon", "Blackwell") in names
    assert ("vllm dense", "family", "llama-3.1") in names
    assert groups.names[second[0]] == ("*", "silicon", "Hopper")
    prior = dict(zip(groups.names, groups.deviations, strict=True))
    assert prior["*", "silicon", "Hopper"] == ROOT_PRIOR
    assert prior["*", "silicon", "Blackwell"] == CHILD_PRIOR
    assert prior["vllm dense", "family", "llama-3.1"] == PRIORS["family"]
    for scope, name in (
        ("accelerator", asked[0].scenario.accelerator.name),
        ("family on silicon", "llama-3.1 on Blackwell"),
        ("version", version_month(asked[0].scenario.year)),
    ):
        assert ("vllm dense", scope, name) in names
        assert prior["vllm dense", scope, name] == PRIORS[scope]
    assert prior[groups.names[0]] < 1e-3  # padding can deviate by nothing


def test_a_vector_without_its_versions_keeps_the_rest():
    asked = questions({}, {"engine_version": "2026-03"})
    shape = Shape(cells=1, groups=all_groups([question.scenario for question in asked]))
    vector = np.arange(1.0, shape.size + 1)
    left = shape.without(vector, "version")
    versions = [name[1] == "version" for name in shape.groups.names]
    assert sum(versions) == 2
    assert not shape.factors(left)[versions].any()
    kept = np.logical_not(versions)
    assert (shape.factors(left)[kept] == shape.factors(vector)[kept]).all()
    assert (shape.shared(left) == shape.shared(vector)).all()
    assert vector[-1] == shape.size  # nothing was changed in place


def test_faster_than_the_hardware_allows():
    """Llama 3.1 70B in fp8 on four H100: 70.6e9 bytes / (4 * 3.35e12 bytes/s) = 5.3 ms a step."""
    asked = questions(*[{"concurrency_or_batch": 1, "isl": 1024}] * 3)
    assert beyond_datasheet(asked, [4.0, 5.3, 40.0], CALIBRATION).tolist() == [True, False, False]


def test_only_stated_loads_of_one_stage_can_be_impossible():
    offline = {"kind": "throughput", "metric": "output_throughput_offline", "unit": "tok/s"}
    asked = questions({"pp": 2, "tp": 2, "gpu_count": 4}, offline)
    assert len(asked) == 2
    assert beyond_datasheet(asked, [0.01, 1e9], CALIBRATION).tolist() == [False, False]


def test_prompts_of_others_need_not_delay_a_token():
    """Llama 3.1 8B in fp8 on one H200, 64 in flight of 2,000 + 100/2 tokens: (8.0e9 + 64 * 2,050 *
    131,072) bytes / 4.8e12 bytes/s = 5.2 ms; 9.7 ms were measured. Were each of the 63 other
    prompts, once in 100 tokens, to delay every token by its 14 ms, 14 ms would be the least.
    """
    one = {"model": "Llama-3.1-8B", "gpu": "NVIDIA H200", "gpu_count": 1, "tp": 1}
    load = {"isl": 2000, "osl": 100, "concurrency_or_batch": 64}
    asked = questions({**one, **load}, {**one, **load})
    assert beyond_datasheet(asked, [9.74, 4.5], CALIBRATION).tolist() == [False, True]


@pytest.mark.parametrize(
    "unsaid",
    [
        {"tp": ""},  # eight replicas of one are assumed, and one of eight was measured
        {"isl": ""},
        {"notes": "MTP speculative 3 tokens"},
        {"model": "Somebody's-70B"},
        {"metric": "decode_tok_per_s", "unit": "tok/s", "kind": "throughput"},
    ],
)
def test_what_is_assumed_calls_no_row_impossible(unsaid):
    stated = {"gpu_count": 8, "tp": 8, "concurrency_or_batch": 8}
    alone = {"concurrency_or_batch": ""} if "metric" in unsaid else {}
    asked = questions(stated, {**stated, **unsaid, **alone})
    value = 1e9 if "metric" in unsaid else 0.01
    assert beyond_datasheet(asked, [0.01, value], CALIBRATION).tolist() == [True, False]


def test_rates_count_all_stated_requests_as_held():
    """Four H100 hold (0.9 * 320e9 - 70.6e9 - 3e9) bytes / (16,512 * 327,680) = 40 requests of 70B
    by our estimate (16-bit cache, 0.9 of the memory). A run may hold all its 100: 2,100 tokens/s,
    more than 40 requests could reach, are no proof.
    """
    rate = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s", "isl": 16384}
    asked = questions(*({**rate, "concurrency_or_batch": count} for count in (32, 40, 100)))
    assert beyond_datasheet(asked, [2100.0] * 3, CALIBRATION).tolist() == [True, True, False]


def test_formats_without_arithmetic_of_their_own_may_use_eight_bits():
    """8,192 prompt tokens are bound by arithmetic: at 16 bits 2*8e9*8192/989e12 = 0.13 s, in 8 bits
    half of that.
    """
    prompt = ttft(
        metric="ttft_static_batch", concurrency_or_batch=1, isl=8192, model="Llama-3.1-8B"
    )
    one = {**prompt, "tp": 1, "gpu_count": 1}
    asked = questions({**one, "precision_weights": "int4"}, {**one, "precision_weights": "bf16"})
    assert beyond_datasheet(asked, [90.0, 90.0], CALIBRATION).tolist() == [False, True]
    assert beyond_datasheet(asked, [50.0, 200.0], CALIBRATION).tolist() == [True, False]


def test_families_that_share_a_network_are_held_out_together():
    asked = questions(
        {"model": "DeepSeek-R1"}, {"model": "DeepSeek-V3"}, {"model": "Qwen3-32B"},
    )  # fmt: skip
    kin = families_of_one_network([question.scenario.model for question in asked])
    names = [question.scenario.model.family for question in asked]
    assert kin[names[0]] == kin[names[1]] != kin[names[2]]
    folds = [mask.tolist() for mask in held_out(asked, "model")]
    assert [True, True, False] in folds


def test_what_inherits_is_held_out_with_its_architecture():
    asked = questions({"gpu": "NVIDIA B200"}, {"gpu": "NVIDIA B300"}, {"gpu": "NVIDIA H100"})
    folds = [mask.tolist() for mask in held_out(asked, "architecture")]
    assert sorted(folds) == [[False, False, True], [True, True, False]]


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
    """One of C requests waits: C*wait = o*TPOT, so ln(1 + o*TPOT/(C*T)); at most ln(1 + 20)."""
    asked = questions(ttft(concurrency_or_batch=8), ttft(concurrency_or_batch=1, osl=8192))
    timing = timing_of(asked)
    outputs = asked[0].scenario.output_tokens
    expected = np.log1p(outputs * timing.tpot[0] / (8 * timing.ttft[0]))
    assert features_of(asked)[:, 10] == pytest.approx([expected, np.log1p(20.0)])


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


def test_the_residual_is_learned_and_a_new_engine_gets_none():
    asked = questions(*[ttft(concurrency_or_batch=2**k, isl=512 * 2 ** (k % 3)) for k in range(8)])
    errors = 0.4 + 0.1 * features_of(asked)[:, 1]
    weights = fitted(asked * 30, np.tile(errors, 30))
    assert explained_of(asked, weights) == pytest.approx(errors, abs=0.03)
    assert explained_of(questions(ttft(engine="SGLang")), weights) == pytest.approx([0.0])
    assert explained((), np.zeros((0, 11)), weights).shape == (0,)
