"""Layouts that no engine could have run are refused with what would be right; others are not."""

import pytest
from measurement_rows import one, value

from recommender.accuracy.prediction import Prediction
from recommender.accuracy.scenario import Refused

RATE = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
DEEPSEEK = {"model": "DeepSeek-V3", "params_total_b": 671, "gpu": "H200", "gpu_count": 8, "tp": 8}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"gpu_count": 5, "tp": 5},
            "tp 5 does not go with the 64 attention heads and 8 key-value heads of"
            " meta-llama/Meta-Llama-3.1-70B; tp 4 or 8 would",
        ),
        ({"gpu_count": 128, "tp": 128}, "; tp 64 would"),
        (  # 40 heads, 10 of keys and values: 40 % 4 is 0, but neither 4 nor 10 divides the other
            {"model": "microsoft/Phi-3-medium-4k-instruct", "params_total_b": 14},
            "tp 4 does not go with the 40 attention heads and 10 key-value heads",
        ),
        ({**DEEPSEEK, "gpu_count": 3, "tp": 3}, "tp 3 does not go with the 128 attention heads of"),
        ({"gpu_count": 400, "pp": 100}, "pp 100 is more than the 80 layers of"),
        ({"ep": 4}, "Llama-3.1-70B has no experts to deal out; ep is 1 or blank, not 4"),
        ({**DEEPSEEK, "ep": 16}, "tp 8, pp 1, ep 16 make groups of 16; gpu_count is a multiple of"),
        ({**DEEPSEEK, "dp": 3}, "tp 8, pp 1, dp 3 make groups of 24"),
        ({**DEEPSEEK, "ep": 3}, "ep 3 does not divide the 8 accelerators of a stage"),
        ({**DEEPSEEK, "tp": "", "ep": 16}, "ep 16 is more than the 8 accelerators"),
        ({"tp": "", "dp": 3}, "pp 1 x dp 3 does not divide the 4"),
        ({"nodes": 3}, "4 accelerators are not on 3 nodes alike"),
        (  # 405.9e9 parameters of one byte in 4 * 85.0e9 bytes
            {"model": "Llama-3.1-405B", "params_total_b": 405},
            "406 GB of fp8 weights do not fit into 4 x 85 GB",
        ),
        (
            {
                "model": "Llama-3.1-405B", "params_total_b": "", "precision_weights": "",
                "gpu_count": 2, "tp": 2,
            },
            "; check precision_weights (blank)",
        ),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_with_what_would(changes, reason):
    """All of these had been predicted."""
    answer = one(**changes)
    assert isinstance(answer, Refused)
    assert reason in answer.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"engine": "llama.cpp", "gpu_count": 5, "tp": 5},  # splits rows by share, not by head
        {"engine": "ExLlamaV2", "gpu_count": 5, "tp": 5},
        {"model": "somebody/new-70B", "params_total_b": 70, "gpu_count": 8, "tp": 8},  # a stand-in
        {**DEEPSEEK, "gpu_count": 72, "dp": 72, "ep": 72, "tp": 1},  # 256 experts, 32 of them twice
        {"gpu_count": 16, "tp": 16},  # 8 heads of keys and values, each held twice
        {"model": "Llama-3.1-405B", "params_total_b": "", "precision_weights": "int4"},
        {  # 16 bits do not fit, 4 might: the row does not say
            "model": "Qwen3-32B", "params_total_b": "", "precision_weights": "",
            "gpu": "RTX 4090", "gpu_count": 1, "tp": 1,
        },
    ],
)  # fmt: skip
def test_what_can_run_is_predicted(changes):
    assert isinstance(one(**changes), Prediction), changes


def test_a_file_needs_no_memory():
    stored = {"kind": "memory", "metric": "weights_file_size", "unit": "GB", "gpu": "any"}
    big = {"model": "Llama-3.1-405B", "params_total_b": 405, "gpu_count": "", "tp": ""}
    assert value(**stored, **big) == pytest.approx(405.9, rel=0.02)


def test_a_rate_per_node_is_divided_by_the_stated_nodes():
    """Two nodes of two had been one of four."""
    whole = value(**RATE)
    per_node = {**RATE, "metric": "output_throughput_per_node"}
    assert value(**per_node) == pytest.approx(whole)
    assert value(**per_node, nodes=2) == pytest.approx(whole / 2)


def test_what_is_not_modelled_as_stated_is_said():
    assert one(nodes=2).assumptions[-1] == "nodes of 8 accelerators (2 stated)"
    assert one(nodes=1).assumptions == one(nodes="").assumptions
    assert one(**DEEPSEEK, ep=4).assumptions[-1] == "experts over 8 accelerators (ep 4 stated)"
    assert "stated" not in "".join(one(**DEEPSEEK, ep=8).assumptions)
    assert "has 70.6e9 parameters (8e9 stated)" in one(params_total_b=8).assumptions[-1]
    assert one(params_total_b=72).assumptions == one().assumptions


def test_stated_copies_of_a_dense_model_give_tp():
    """`dp` had been read only beside `tp`: eight copies were four of two accelerators."""
    copies = {**RATE, "gpu_count": 8, "tp": ""}
    assert value(**copies, dp=2) == pytest.approx(value(**RATE, gpu_count=8, tp=4, dp=2), rel=0.02)
    assert "tp 4 (from dp)" in one(**copies, dp=2).assumptions
    assert "tp 1 (from dp)" in one(**copies, dp=8, precision_weights="int4").assumptions


@pytest.mark.parametrize(
    ("accelerators", "layout"),
    [
        (8, "tp 8"),  # 405.9 GB of one byte in 4 * 141 GB * 0.6 = 338 GB: no; 8: yes
        (12, "tp 4 x pp 3"),  # 128 heads: 1, 2 and 4 divide both
        (24, "tp 8"),
        (10, "tp 2 x pp 5"),
    ],
)
def test_a_layout_that_is_assumed_shares_the_heads_equally(accelerators, layout):
    """It had been tp 12 for 128 heads."""
    big = {"model": "Llama-3.1-405B", "params_total_b": "", "gpu": "H200", "tp": ""}
    assumed = one(**RATE, **big, gpu_count=accelerators).assumptions
    assert f"{layout} (not reported)" in assumed


def test_a_stand_in_has_no_heads_to_share():
    assumed = one(model="new-70B", params_total_b=70, gpu_count=3, tp="", gpu="A100").assumptions
    assert "tp 2 (not reported)" in assumed or "tp 3 (not reported)" in assumed
