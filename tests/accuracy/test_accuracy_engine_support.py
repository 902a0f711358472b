"""Engines on hardware that they are not made for, or in formats without kernels, are refused."""

from dataclasses import replace

import pytest
from measurement_rows import one, row

import catalog
from catalog.calibration import load_calibration
from recommender.accuracy.known_names import names_of
from recommender.accuracy.prediction import Prediction, predict
from recommender.accuracy.scenario import Refused

TENSORRT = {"engine": "TensorRT-LLM", "engine_version": "1.0"}
LLAMA = {"engine": "llama.cpp", "engine_version": ""}
BF16 = {"precision_weights": "bf16", "model": "Llama-3.1-8B", "params_total_b": 8}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {**TENSORRT, "gpu": "AMD MI300X"},
            "TensorRT-LLM does not run on MI300X: it is made for accelerators of NVIDIA;"
            " engines that do: vllm, sglang, llama.cpp",
        ),
        ({**TENSORRT, "gpu": "Intel Gaudi2"}, "of NVIDIA; engines that do: vllm"),
        ({**TENSORRT, "gpu": "Apple M2 Ultra"}, "of NVIDIA; engines that do: llama.cpp"),
        ({"engine": "TensorRT", "gpu": "AMD MI300X"}, "TensorRT does not run on MI300X"),
        (
            {**LLAMA, "gpu": "AWS Inferentia2", "precision_weights": "q4_k_m"},
            "llama.cpp does not run on Inferentia2: it has no back-end for it; engines that do:"
            " neuron",
        ),
        ({**LLAMA, "gpu": "Intel Gaudi2", "precision_weights": "q4_k_m"}, "no back-end for it"),
        ({"engine": "Transformers NeuronX", **BF16}, "made for accelerators of AWS"),
        (
            {"gpu": "Tesla P40", **BF16},
            "vLLM does not run on P40 (Pascal): needs compute capability 7.0 or newer (vLLM docs",
        ),
        ({**TENSORRT, **BF16, "gpu": "V100 32GB"}, "TensorRT-LLM supports Ampere and newer"),
        (
            {**TENSORRT, "precision_weights": "fp4", "gpu": "A100 80GB"},
            "TensorRT-LLM has no kernels for fp4 on A100 80GB SXM4 (Ampere; TensorRT-LLM"
            " documentation, support matrix, recalled); it runs bf16, fp16, int8, int4, mxfp4",
        ),
        ({"precision_weights": "nvfp4", "gpu": "AMD MI355X"}, "vLLM has no kernels for fp4"),
    ],
)  # fmt: skip
def test_what_does_not_run_there_is_refused_with_what_does(changes, reason):
    """All of these had been predicted, most as covered."""
    answer = one(**changes)
    assert isinstance(answer, Refused), answer
    assert reason in answer.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"precision_weights": "fp4", "gpu": "A100 80GB"},  # weight-only in vLLM
        {**TENSORRT, "precision_weights": "mxfp4", "gpu": "A100 80GB"},
        {**TENSORRT, "precision_weights": "fp4", "gpu": "B200"},
        {**TENSORRT, **BF16, "gpu": "V100 32GB", "engine_version": "0.7"},  # it still ran there
        {**BF16, "engine": "TensorRT", "gpu": "Tesla T4"},
        {**BF16, "engine": "Aphrodite", "gpu": "Tesla P40"},
        {**LLAMA, "precision_weights": "int4"},  # Q4_0 by another name
        {**LLAMA, "precision_weights": "fp8"},  # Q8_0
        {"precision_weights": "fp4", "gpu": "AMD MI355X"},  # mxfp4 by another name
        {
            "precision_weights": "mxfp4",
            "gpu": "Intel Arc Pro B60",
            "model": "gpt-oss-20b",
        },  # it ran
        {**BF16, "engine": "", "gpu": "AMD MI300X"},
    ],
)
def test_what_may_run_is_predicted(changes):
    assert isinstance(one(**changes), Prediction), one(**changes)


def test_an_overlay_may_know_better():
    facts = catalog.load()
    own = facts.support_rows["trtllm", "Hopper", "fp8"].model_copy(
        update={"architecture": "CDNA3", "source": "own port"}
    )
    rows = {**facts.support_rows, ("trtllm", "CDNA3", "fp8"): own}
    names = names_of(replace(facts, support_rows=rows))
    asked = row(**TENSORRT, gpu="AMD MI300X")
    (answer,) = predict([asked], load_calibration(), names)
    assert isinstance(answer, Prediction)


def test_an_engine_that_nobody_saw_there_is_said():
    told = "SGLang on Gaudi2: no source here says that it runs there"
    assert told in one(**BF16, engine="SGLang", gpu="Intel Gaudi2").assumptions
    assert "source" not in "".join(one(**BF16, engine="vLLM", gpu="Intel Gaudi2").assumptions)
