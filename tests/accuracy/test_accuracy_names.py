"""Published names of accelerators, models, engines and formats."""

import pytest

import catalog
from catalog.schema import LanguageModel
from recommender.accuracy.accelerator_names import resolve_accelerator
from recommender.accuracy.engine_names import engine_key, engine_year
from recommender.accuracy.known_names import known_names
from recommender.accuracy.model_names import plain_name
from recommender.accuracy.precision_names import kv_bytes, precision_name, weight_format


@pytest.mark.parametrize(
    ("published", "name"),
    [
        ("NVIDIA H100", "H100 80GB SXM5"),
        ("NVIDIA H100 80GB HBM3", "H100 80GB SXM5"),
        ("NVIDIA H100-PCIe-80GB", "H100 80GB PCIe"),
        ("NVIDIA H100-NVL-94GB", "H100 NVL 94GB"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB SXM4"),
        ("NVIDIA GH200 Grace Hopper Superchip 144GB", "GH200 144GB"),
        ("AMD Instinct MI325X 256GB HBM3e", "MI325X"),
        ("Nvidia 5090", "RTX 5090"),
        ("NVIDIA GeForce RTX 3090 Ti", "RTX 3090 Ti"),
        ("NVIDIA GeForce RTX 3090 24GB", "RTX 3090"),
        ("NVIDIA L40S 48GB", "L40S"),
        ("Mac Studio (M3 Ultra 512GB)", "Apple M3 Ultra"),
    ],
)
def test_accelerators(published, name):
    found = resolve_accelerator(published, catalog.load().accelerators.values())
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("published", ["Imaginary X1", "any", "MI300X (x32), MI325X (x16)", "L41S"])
def test_unknown_or_mixed_accelerators(published):
    assert resolve_accelerator(published, catalog.load().accelerators.values()) is None


def test_every_catalogue_accelerator_finds_itself():
    rows = catalog.load().accelerators
    lost = [name for name in rows if resolve_accelerator(name, rows.values()) is not rows[name]]
    assert lost == []


@pytest.mark.parametrize(
    ("published", "plain"),
    [
        ("LLAMA3_70B", "llama370b"),
        ("Qwen/Qwen3-235B-A22B-Thinking-2507-FP8", "qwen3235ba22b"),
        ("meta-llama/Meta-Llama-3-8B-Instruct", "llama38b"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama3.18b"),
        ("GPT OSS 120B", "gptoss120b"),
    ],
)
def test_plain_names(published, plain):
    assert plain_name(published) == plain


@pytest.mark.parametrize(
    ("published", "model"),
    [
        ("Llama-3-70B", "meta-llama/Meta-Llama-3-70B"),
        ("GPT-J-6B", "EleutherAI/gpt-j-6b"),
        ("Qwen3_235B_a22B", "Qwen/Qwen3-235B-A22B"),
        ("Llama-4-Scout", "meta-llama/Llama-4-Scout-17B-16E-Instruct"),
    ],
)
def test_models(published, model):
    found = known_names().model(published, None)
    assert found is not None
    assert found.model.id == model
    assert not found.guessed


def test_an_unknown_model_with_a_size_gets_a_stand_in():
    found = known_names().model("NoSuchModel", 70.0)
    assert found is not None
    assert found.guessed
    assert isinstance(found.model, LanguageModel)
    assert 60 <= found.model.layers <= 100
    assert known_names().model("NoSuchModel", None) is None


def test_engines_and_vintages():
    assert engine_key("TensorRT-LLM") == "trtllm"
    assert engine_key("TensorRT ") == "tensorrt"
    assert engine_key("vLLM (Splitwise fork)") == "vllm"
    assert engine_key("Deepspeed-MII") == "eager"
    assert engine_key("") == "unknown"
    assert engine_year("vLLM", "0.9.1") == pytest.approx(2025.4)
    early, late = engine_year("TensorRT-LLM", "0.9.0"), engine_year("TensorRT-LLM", "0.14.0")
    assert early is not None and late is not None and early < late
    months = [engine_year("TensorRT-LLM", f"0.{minor}.0") for minor in range(5, 22)]
    assert months == sorted(months, key=float)
    assert engine_year("TensorRT-LLM", "0.17.0") == pytest.approx(2025.13, abs=0.01)
    assert engine_year("vLLM", "2023-11") == pytest.approx(2023 + 10.5 / 12)
    assert engine_year("vLLM", "nightly") is None


def test_patches_of_a_long_line_have_dates():
    """SGLang 0.4 lasted from December 2024 to July 2025; 0.4.8 lies between 0.4.6 and 0.4.9."""
    assert engine_year("SGLang", "0.4.6.post1") == pytest.approx(2025.32)
    assert engine_year("SGLang", "v0.4.8") == pytest.approx(2025.32 + 2 / 3 * 0.19)
    assert engine_year("SGLang", "0.5") == engine_year("SGLang", "0.5.5")
    dates = [engine_year("SGLang", f"0.{version}") for version in ("3.2", "4.1", "4.10", "5.1")]
    assert dates == sorted(dates, key=float)
    assert engine_year("vLLM", "0.9.1") == engine_year("vLLM", "0.9.2")


def test_formats():
    rows = catalog.load()
    llama = rows.model("llama-3.1-70b")
    a100, h100 = rows.accelerators["A100 80GB SXM4"], rows.accelerators["H100 80GB SXM5"]
    assert weight_format("fp8", llama, h100).compute == "fp8"
    assert weight_format("fp8", llama, a100).compute == "bf16"  # weights only
    assert weight_format("Q4_K_M", llama, h100).bytes_per_weight == pytest.approx(0.606, abs=0.01)
    assert weight_format("", llama, h100).name == "bf16"  # the published checkpoint
    assert precision_name("amp_bf16") == "bf16"
    assert kv_bytes("", engine="trtllm", weights="fp8") == 1
    assert kv_bytes("", engine="vllm", weights="fp8") == 2
    assert kv_bytes("float32", engine="vllm", weights="fp32") == 4
