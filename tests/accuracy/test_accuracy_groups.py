"""Groups of the fit, contradictory rows, families of one network, and first tokens."""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import row

from catalog.calibration import FirstToken, load_calibration
from recommender.accuracy.first_token import features, first_token_factors
from recommender.accuracy.fit.contradictions import contradictory
from recommender.accuracy.fit.first_token_fit import explained, fit_first_token
from recommender.accuracy.fit.folds import families_of_one_network, held_out
from recommender.accuracy.fit.groups import CHILD_PRIOR, FAMILY_PRIOR, ROOT_PRIOR, all_groups
from recommender.accuracy.fit.measured import understood

CALIBRATION = load_calibration()


def questions(*changes):
    return understood(row(**change) for change in changes).questions


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
    assert prior["vllm dense", "family", "llama-3.1"] == FAMILY_PRIOR
    assert prior[groups.names[0]] < 1e-3  # padding can deviate by nothing


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
    found = features([question.scenario for question in questions(usual, huge)])
    assert found[0] == pytest.approx([1, 0, 0, 0, 0])
    assert found[1] == pytest.approx([1, np.log(16), 0, 0, 0])


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
    assert first_token_factors(asked, calibration) == pytest.approx([2.0, 8.0, 1.0, 1.0])


def test_the_residual_is_learned_and_a_new_engine_gets_none():
    asked = questions(*[ttft(concurrency_or_batch=2**k, isl=512 * 2 ** (k % 3)) for k in range(8)])
    errors = 0.4 + 0.1 * features([question.scenario for question in asked])[:, 1]
    weights = fit_first_token(asked * 30, np.tile(errors, 30))
    assert explained(asked, weights) == pytest.approx(errors, abs=0.03)
    assert explained(questions(ttft(engine="SGLang")), weights) == pytest.approx([0.0])
    assert explained((), weights).shape == (0,)
