"""Groups of the fit, contradictory rows, families of one network, and first tokens."""

import numpy as np
import pytest
from measurement_rows import questions

from catalog.calibration import load_calibration
from recommender.accuracy.fit.beyond_datasheet import beyond_datasheet
from recommender.accuracy.fit.contradictions import contradictory
from recommender.accuracy.fit.error_samples import level_samples
from recommender.accuracy.fit.folds import (
    WAYS,
    combination_of,
    families_of_one_network,
    fold_numbers,
    held_out,
)
from recommender.accuracy.fit.groups import (
    CHILD_PRIOR,
    PRIORS,
    ROOT_PRIOR,
    WAITING_PRIOR,
    all_groups,
)
from recommender.accuracy.fit.theta import Shape
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.version_month import version_month

CALIBRATION = load_calibration()


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
    assert np.all(prior["*", "silicon", "Hopper"][:4] == ROOT_PRIOR)
    assert np.all(prior["*", "silicon", "Blackwell"][:4] == CHILD_PRIOR)
    assert np.all(prior["vllm dense", "family", "llama-3.1"][:4] == PRIORS["family"])
    assert prior["vllm dense", "family", "llama-3.1"][4] < 1e-3  # versions schedule, not families
    month = version_month(asked[0].scenario.year)
    assert prior["vllm dense", "version", month][4] == WAITING_PRIOR
    for scope, name in (
        ("accelerator", asked[0].scenario.accelerator.name),
        ("family on silicon", "llama-3.1 on Blackwell"),
        ("version", version_month(asked[0].scenario.year)),
    ):
        assert ("vllm dense", scope, name) in names
        assert np.all(prior["vllm dense", scope, name][:4] == PRIORS[scope])
    assert np.all(prior[groups.names[0]] < 1e-3)  # padding can deviate by nothing


def test_plans_take_no_step_times_of_versions_and_keep_the_rest():
    asked = questions({}, {"engine_version": "2026-03"})
    shape = Shape(cells=1, groups=all_groups([question.scenario for question in asked]))
    vector = np.arange(1.0, shape.size + 1)
    left = shape.as_planned(vector)
    versions = [name[1] == "version" for name in shape.groups.names]
    assert sum(versions) == 2
    assert not shape.factors(left)[versions][:, :4].any()
    assert (shape.factors(left)[versions][:, 4] == shape.factors(vector)[versions][:, 4]).all()
    kept = np.logical_not(versions)
    assert (shape.factors(left)[kept] == shape.factors(vector)[kept]).all()
    assert (shape.shared(left) == shape.shared(vector)).all()
    assert vector[-1] == shape.size  # nothing was changed in place


def test_faster_than_the_hardware_allows():
    """Llama 3.1 70B in fp8 on four H100: 70.6e9 bytes / (4 * 3.35e12 bytes/s) = 5.3 ms a step."""
    asked = questions(*[{"concurrency_or_batch": 1, "isl": 1024}] * 3)
    assert beyond_datasheet(asked, [4.0, 5.3, 40.0], CALIBRATION).tolist() == [True, False, False]


def test_a_step_is_judged_at_stated_loads_of_one_stage_alone():
    """6 ms of 70B in fp8 on four H100 are above the 5.3 ms that reading the weights by all at once
    takes (10.5 ms two behind two), 2,500 tokens/s below the 16 per 5.4 ms of 16 with their cache.
    """
    offline = {"kind": "throughput", "metric": "output_throughput_offline", "unit": "tok/s"}
    asked = questions({"pp": 2, "tp": 2, "gpu_count": 4}, offline)
    assert len(asked) == 2
    assert beyond_datasheet(asked, [6.0, 2.5e3], CALIBRATION).tolist() == [False, False]


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
    """8 * 3.35e12 bytes/s read 70.6e9 of weights in 2.6 ms, with 64 * 1,152 tokens of 327,680 bytes
    of cache in 3.5 ms; they compute 8 * 1979e12 / (2 * 70e9) = 113,000 tokens/s.
    """
    stated = {"gpu_count": 8, "tp": 8, "concurrency_or_batch": 64}
    alone = {"concurrency_or_batch": ""} if "metric" in unsaid else {}
    asked = questions(stated, {**stated, **unsaid, **alone})
    value = 5e4 if "metric" in unsaid else 2.9
    assert beyond_datasheet(asked, [2.9, value], CALIBRATION).tolist() == [True, False]


def test_rates_count_all_stated_requests_as_held():
    """Four H100 hold (0.9 * 320e9 - 70.6e9 - 3e9) bytes / (16,512 * 327,680) = 40 requests of 70B
    by our estimate (16-bit cache, 0.9 of the memory). A run may hold all its 100: 2,100 tokens/s,
    more than 40 requests could reach, are no proof where prompts need not be computed.
    """
    rate = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s", "isl": 16384}
    rate["notes"] = "prompts cached"
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
        {"model": "DeepSeek-R1", "gpu": "B300"}, {"model": "DeepSeek-V3", "gpu": "B300"},
        {"model": "Qwen3-32B"},
    )  # fmt: skip
    kin = families_of_one_network([question.scenario.model for question in asked])
    names = [question.scenario.model.family for question in asked]
    assert kin[names[0]] == kin[names[1]] != kin[names[2]]
    folds = [mask.tolist() for mask in held_out(asked, "model")]
    assert [True, True, False] in folds


def test_small_groups_are_dealt_so_that_kin_part():
    """Beyond the eight largest, neighbours by name: four folds of A10G ... RTX 3090."""
    small = ["A10G", "A40", "L4", "L40S", "RTX 3090"]
    large = [
        "A100 80GB SXM4", "H100 80GB SXM5", "H200 141GB SXM5", "B200 180GB SXM", "B300 288GB SXM",
        "MI300X", "MI325X", "Gaudi2",
    ]  # fmt: skip
    asked = questions(*({"gpu": name} for name in [*large, *large, *small]))
    folds = [np.flatnonzero(mask).tolist() for mask in held_out(asked, "accelerator")]
    assert folds[8:] == [[16, 20], [17], [18], [19]]
    assert sorted(map(tuple, folds[:8])) == [(row, row + 8) for row in range(8)]


def test_what_inherits_is_held_out_with_its_architecture():
    asked = questions({"gpu": "NVIDIA B200"}, {"gpu": "NVIDIA B300"}, {"gpu": "NVIDIA H100"})
    folds = [mask.tolist() for mask in held_out(asked, "architecture")]
    assert sorted(folds) == [[False, False, True], [True, True, False]]


def test_combinations_are_held_out_with_all_their_configurations():
    """Llama 3.1 on H100 with vLLM is one, whatever size and degrees; on H200 it is another, and so
    it is with SGLang. Llama 3.3 shares a network, and stays with it.
    """
    here = [{}, {"tp": 8, "gpu_count": 8}, {"model": "Llama-3.1-8B"}, {"model": "Llama-3.3-70B"}]
    asked = questions(*here, {"gpu": "NVIDIA H200"}, {"engine": "SGLang"}, {"model": "Qwen3-32B"})
    kin = families_of_one_network([question.scenario.model for question in asked])
    names = [combination_of(question, kin) for question in asked]
    assert len(set(names[:4])) == 1
    assert len(set(names)) == 4
    folds = fold_numbers(asked, "combination")
    assert len(set(folds[:4].tolist())) == 1


def test_recombined_errors_are_those_of_what_is_known_from_elsewhere():
    """Of three combinations in folds of their own only the first leaves both its family (on H200)
    and its accelerator (with Qwen3) in the fit.
    """
    rows = [{}, {"gpu": "NVIDIA H200"}, {"model": "Qwen3-32B"}]
    asked = questions(*rows)
    held = {way: np.full(len(asked), 0.1) for way in WAYS}
    table = scenario_table([question.scenario for question in asked], CALIBRATION)
    samples = level_samples(asked, table, ["calibrated"] * len(asked), held, CALIBRATION)
    [sample] = [one for one in samples if one.level == "recombined"]
    assert [question.scenario.model.family for question in sample.questions] == ["llama-3.1"]
    assert sample.questions[0].scenario.accelerator.name == "H100 80GB SXM5"
