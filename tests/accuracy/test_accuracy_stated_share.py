"""Shares of the memory that notes of speeds state: the cache is that of memory rows."""

import pytest
from measurement_rows import one, questions, value

from catalog.calibration import load_calibration
from recommender.accuracy.batch import capacity
from recommender.accuracy.kv_pool import kv_pool
from recommender.accuracy.scenario import Refused
from recommender.accuracy.scenario_table import scenario_table

SMALL = {
    "model": "Llama-3.1-8B", "params_total_b": 8, "params_active_b": 8, "tp": 1, "gpu_count": 1,
    "precision_weights": "bf16", "precision_kv": "bf16", "engine_version": "0.19.0",
}  # fmt: skip
OSS = {
    "model": "gpt-oss-120b", "params_total_b": 117, "params_active_b": 5.1, "tp": 1,
    "gpu_count": 1, "precision_weights": "mxfp4", "precision_kv": "bf16",
}  # fmt: skip
CACHE = {"kind": "memory", "metric": "kv_cache_memory_per_gpu", "unit": "GB"}
TOKENS = {"kind": "memory", "metric": "kv_cache_tokens", "unit": "tokens"}


def held(**changes):
    """(sequences of a rank that fit, bytes of their caches) of a speed row."""
    scenarios = [question.scenario for question in questions(changes)]
    table = scenario_table(scenarios, load_calibration())
    [found] = capacity(table, scenarios)
    return float(found), float((found * table.context * table.kv_bytes_per_token)[0])


def test_half_of_the_memory_by_hand():
    """0.5 * 85.03 GB - 16.06 (8.03e9 * 2 B) - 2.10 (1024 * 128256 * 16 B) - 0.27 = 24.08 GB.

    / 131,072 B = 183.7 thousand tokens, / 1,152 in the mean = 159.5 sequences.
    """
    notes = "--gpu-memory-utilization 0.5"
    sequences, cached = held(**SMALL, notes=notes)
    assert cached == pytest.approx(24.08e9, rel=0.01)
    assert sequences == pytest.approx(159.5, rel=0.01)


@pytest.mark.parametrize("engine", ["vLLM", "SGLang", "TensorRT-LLM"])
@pytest.mark.parametrize("model", [SMALL, OSS])
def test_speed_and_memory_rows_of_one_deployment_agree(engine, model):
    """What a start-up log prints is what requests share; TensorRT-LLM reserves whole lengths."""
    both = {**model, "engine": engine, "notes": "gpu_memory_utilization 0.93"}
    sequences, cached = held(**both)
    kept = (1024 + 256) / (1024 + 128) if engine == "TensorRT-LLM" else 1.0
    assert cached * kept == pytest.approx(value(**both, **CACHE) * 1e9)
    whole = sequences * (1024 + 128) * kept
    if model is SMALL:
        assert whole == pytest.approx(value(**both, **TOKENS))


def test_printed_tokens_count_windows_in_full():
    """18 of 36 layers keep 128 tokens: 1,152 * 18 + 128 * 18 in place of 1,152 * 36 each."""
    both = {**OSS, "engine": "vLLM", "notes": "gpu_memory_utilization 0.93"}
    sequences, _ = held(**both)
    printed = value(**both, **TOKENS) / 1152
    assert sequences / printed == pytest.approx(36 / (18 + 18 / 9))


def test_a_cache_that_holds_everyone_is_as_without():
    """16 requests have room in half of the memory as in nine tenths."""
    for share in (0.5, 0.9):
        assert value(**SMALL, notes=f"gpu-memory-utilization {share}") == value(**SMALL)


def test_a_stated_usual_share_leaves_memory_rows_as_they_are():
    assert value(**SMALL, **CACHE, notes="gpu-memory-utilization 0.9") == value(**SMALL, **CACHE)


@pytest.mark.parametrize("engine", ["vLLM", "SGLang", "TensorRT-LLM"])
def test_larger_shares_hold_more(engine):
    shares = (0.3, 0.5, 0.7, 0.9, 0.95)
    found = [held(**SMALL, engine=engine, notes=f"mem-fraction-static {u}")[0] for u in shares]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_who_has_no_room_waits():
    many = {**SMALL, "kind": "ttft", "metric": "ttft_mean", "concurrency_or_batch": 256}
    little, much = (value(**many, notes=f"gpu-memory-utilization {u}") for u in (0.4, 0.9))
    assert little > 2 * much


def test_a_driver_s_memory_and_a_stated_budget_count():
    """512 tokens, 8 sequences: 8 * 128256 * 16 B = 16 MB, or 512 * (8*4096 + 3*14336) * 2 = 78 MB.
    79 GiB in place of 79.19.
    """
    notes = "gpu_memory_utilization 0.9; max_num_batched_tokens=512; max_num_seqs=8"
    [question] = questions({**SMALL, "notes": f"{notes}; GPU reports 79 GiB"})
    pool = kv_pool(question.scenario)
    assert pool.activations == pytest.approx(77.6e6, rel=0.01)
    left = 0.9 * 79 * 2**30 - pool.weights - pool.activations - 0.25 * 2**30
    assert pool.kv == pytest.approx(left)


def test_weights_beyond_the_share_are_refused():
    answer = one(**SMALL, notes="gpu-memory-utilization 0.15")
    assert isinstance(answer, Refused)
    assert "weights of 16.1 GB per accelerator do not fit into a share of 0.15" in answer.reason
    assert value(**SMALL, engine="TensorRT-LLM", notes="free_gpu_memory_fraction 0.15") > 0


def test_other_utilisations_are_none_of_memory():
    assert value(**SMALL, notes="GPU utilisation 15%") == value(**SMALL)
