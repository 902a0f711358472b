"""What a row leaves open of its deployment is listed; what notes state in vain is, too."""

import pytest
from measurement_rows import one, value

RATE = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
CACHE = {"kind": "memory", "metric": "kv_cache_memory_per_gpu", "unit": "GiB"}
EXPERTS = {
    "model": "DeepSeek-V3", "params_total_b": 671, "gpu": "H200", "gpu_count": 8, "tp": 8,
}  # fmt: skip
SMALL = {"model": "Llama-3.1-8B", "params_total_b": 8}
TENSORRT = {"engine": "TensorRT-LLM", "engine_version": "1.0"}


@pytest.mark.parametrize(
    ("open_", "stated", "told"),
    [
        ({**SMALL, "gpu_count": "", "tp": ""}, {"gpu_count": 1}, "gpu_count not reported: 1"),
        ({"gpu_count": ""}, {"gpu_count": 4}, "gpu_count not reported: 4"),
        ({"engine": ""}, {"engine": "vLLM"}, "engine not reported: as the mean of all"),
        (EXPERTS, {"ep": 8, "dp": 8}, "ep 1, attention dp 1 (not reported)"),
        (
            {"gpu_count": 16, "tp": 16, "nodes": ""},
            {"nodes": 2},
            "nodes not reported: 8 accelerators on each",
        ),
        (TENSORRT, {"precision_kv": "fp8"}, "cache in 8 bits (not reported)"),
        ({**TENSORRT, "precision_weights": "bf16"}, {"precision_kv": "bf16"}, "cache in 16 bits"),
        (
            {"engine": "SGLang", "engine_version": ""},
            {"engine_version": "0.5.5"},
            "version of SGLang not reported: as of mid-2025",
        ),
        (CACHE, {"notes": "gpu_memory_utilization 0.9"}, "memory share 0.9 (not reported)"),
    ],
)  # fmt: skip
def test_what_is_taken_for_a_blank_is_listed_and_only_for_a_blank(open_, stated, told):
    """None of these had been."""
    assert told in "; ".join(one(**open_).assumptions)
    assert told not in "; ".join(one(**{**open_, **stated}).assumptions)


def test_the_acceptance_of_drafts_is_assumed_and_said():
    """1 + 0.7*3 tokens a step."""
    told = "70% of 3 drafts accepted (assumed): 3.1 tokens a step"
    drafts = {"notes": "mtp speculative 3 tokens"}
    assert told in one(**drafts).assumptions
    stated = {"notes": "mtp speculative 3 tokens, accepted length 3.1"}
    assert value(**drafts) == pytest.approx(value(**stated))
    assert value(**drafts) < value()
    assert told not in one(**drafts, kind="ttft", metric="ttft_mean").assumptions


@pytest.mark.parametrize(
    ("notes", "stated"),
    [
        ("speculative, accepted length 2.6", "accepted length 2.6"),  # of how many drafts?
        ("k=3 accepted 2.1", "k=3 accepted 2.1"),
        ("prefix cache hit 60; warm", "prefix cache hit 60"),  # of 100, or requests
        ("gpu-memory-utilization 95", "gpu-memory-utilization 95"),
        ("--enforce-eager", "enforce-eager"),
        ("max_num_batched_tokens=2048.5", "max_num_batched_tokens=2048.5"),
        ("EAGLE-3 heads", "EAGLE-3"),
        ("mtp speculative 3 tokens of a draft model", "draft model"),
    ],
)
def test_what_notes_state_and_no_prediction_follows_is_said(notes, stated):
    assert one(notes=notes).assumptions[-1] == f"not modelled as it is stated: {stated}"


@pytest.mark.parametrize(
    "notes",
    ["", "enforce_eager=False", "enable_prefix_caching off", "max_num_batched_tokens default",
     "no speculative decoding", "vendor claim; the no-speculative-decoding row"],
)  # fmt: skip
def test_what_is_off_is_not_said(notes):
    assert "stated" not in "".join(one(notes=notes).assumptions)


def test_a_share_of_memory_may_be_in_percent():
    """It had been read as a fraction only: 95 % were 0.9."""
    half, whole = (value(**CACHE, notes=f"gpu-memory-utilization {x}") for x in ("95%", "0.95"))
    assert half == whole > value(**CACHE)
