"""Memory as engines print it at start-up: weights, cache, activations, buffers outside."""

import pytest
from measurement_rows import value

from catalog.calibration import load_calibration

CALIBRATION = load_calibration()


def test_memory_as_vllm_prints_it():
    """Start-up log of vLLM 0.19 on one H100: Llama-3.1-8B in bf16 at 0.95 of 79.19 GiB."""
    common = {
        "kind": "memory", "model": "meta-llama/Llama-3.1-8B-Instruct", "gpu_count": 1, "tp": 1,
        "precision_weights": "bfloat16", "precision_kv": "bfloat16", "engine_version": "0.19.0",
        "unit": "GiB", "notes": "gpu_memory_utilization=0.95; GPU reports 79.19 GiB total",
    }  # fmt: skip
    assert value(**common, metric="model_weights_per_gpu") == pytest.approx(14.99, rel=0.01)
    assert value(**common, metric="kv_cache_memory_per_gpu") == pytest.approx(58.11, rel=0.01)
    tokens = value(**{**common, "unit": "tokens"}, metric="kv_cache_tokens")
    assert tokens == pytest.approx(476_000, rel=0.01)
    assert value(**common, metric="activation_peak_per_gpu") == pytest.approx(1.89, rel=0.05)


def test_the_sampler_of_older_versions_takes_more():
    """vLLM 0.11 on H100, Llama-3.1-8B: 1024 * 128256 * 39 B = 4.77 GiB; 0.19: 16 B, 1.96 GiB."""
    common = {
        "kind": "memory", "model": "meta-llama/Llama-3.1-8B-Instruct", "gpu_count": 1, "tp": 1,
        "metric": "activation_peak_per_gpu", "unit": "GiB", "engine": "vLLM",
    }  # fmt: skip
    assert value(**common, engine_version="0.11.0") == pytest.approx(4.77, rel=0.01)
    assert value(**common, engine_version="0.19.0") == pytest.approx(1.957, rel=0.01)
    assert value(**common, engine_version="") == pytest.approx(4.77, rel=0.01)  # mid-2025


def test_layers_of_two_kinds_are_kept_in_groups():
    """Gemma 3 27B: 10 full and 52 windowed layers take the room of 7 groups of 10."""
    common = {
        "kind": "memory", "model": "google/gemma-3-27b-it", "gpu_count": 1, "tp": 1,
        "precision_kv": "bfloat16", "engine": "vLLM", "engine_version": "0.19.0",
    }  # fmt: skip
    cache = value(**common, metric="kv_cache_memory_per_gpu", unit="GiB") * 2**30
    tokens = value(**common, metric="kv_cache_tokens", unit="tokens")
    assert tokens == pytest.approx(cache / (70 * 2 * 16 * 128 * 2))


def test_sglang_takes_its_share_of_what_is_free():
    """Qwen3-235B-A22B on 4 H100, 0.93: 0.93*(M - 2.1 GiB) - weights of a quarter of it."""
    common = {
        "kind": "memory", "model": "Qwen3-235B-A22B", "precision_weights": "fp8", "gpu_count": 4,
        "tp": 4, "engine": "SGLang", "notes": "mem-fraction-static 0.93", "unit": "GiB",
    }  # fmt: skip
    held = value(**common, metric="model_weights_per_gpu")
    memory = 79.19  # what the driver of an H100 reports
    cache = value(**common, metric="kv_cache_memory_per_gpu")
    assert cache == pytest.approx(0.93 * (memory - 2.1) - held, rel=0.03)


def test_tensorrt_llm_takes_its_share_of_what_is_left():
    """Llama-3.1-8B in bf16 on 79.19 GiB: 0.9 * (79.19 - 14.96 - 4.77 - 0.25) = 53.29 GiB.

    Weights 8.03e9 * 2 B = 14.96 GiB; sampler 1024 * 128256 * 39 B = 4.77 GiB (2025); outside of
    torch 0.25 GiB. A share of the whole memory would leave 0.9 * 79.19 - 19.98 = 51.29 GiB.
    """
    common = {
        "kind": "memory", "model": "meta-llama/Llama-3.1-8B-Instruct", "gpu_count": 1, "tp": 1,
        "precision_weights": "bfloat16", "precision_kv": "bfloat16", "engine_version": "",
        "unit": "GiB", "metric": "kv_cache_memory_per_gpu", "notes": "GPU reports 79.19 GiB total",
    }  # fmt: skip
    assert value(**common, engine="TensorRT-LLM") == pytest.approx(53.29, abs=0.05)
    assert value(**common, engine="vLLM") == pytest.approx(51.29, abs=0.05)
