"""Whatever a row leaves open, and its value depends on, is listed with what is taken instead."""

import pytest
from measurement_rows import one, value

from recommender.accuracy.scenario import Refused

RATE = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
TTFT = {"kind": "ttft", "metric": "ttft_mean"}
BOTH = "lengths not reported: 512 in, 512 out"
IN, OUT = (f"{which} length not reported: 512 tokens" for which in ("input", "output"))


def lengths(**changes):
    return [text for text in one(**changes).assumptions if "length" in text]


@pytest.mark.parametrize("kind", [RATE, TTFT, {}, {"kind": "e2e", "metric": "e2e_mean"}])
def test_lengths_that_are_assumed_are_listed_and_no_others(kind):
    """Of times none was, and `512 in` was said of prompts of 8,000 tokens."""
    assert lengths(**kind) == []
    assert lengths(**kind, isl="", osl="") == [BOTH]
    assert lengths(**kind, isl="") == [IN]
    assert lengths(**kind, osl="", isl=8000) == [OUT]
    assert value(**kind, isl="", osl="") == pytest.approx(value(**kind, isl=512, osl=512))


def test_lengths_that_change_nothing_are_not_listed():
    memory = {"kind": "memory", "metric": "model_weights_per_gpu", "unit": "GiB"}
    assert lengths(**memory, isl="", osl="") == []
    prompt = {"kind": "ttft", "metric": "ttft_static_batch"}
    assert lengths(**prompt, osl="") == []
    assert lengths(**prompt, isl="", osl="") == [IN]


def test_a_static_batch_without_a_size_is_one():
    static = {"kind": "throughput", "metric": "decode_tok_per_s", "unit": "tok/s"}
    assumed = "requests in flight not reported: one"
    assert assumed in one(**static, concurrency_or_batch="").assumptions
    assert assumed not in one(**static).assumptions
    blank = {**static, "gpu_count": 4, "tp": 4, "concurrency_or_batch": ""}
    assert value(**blank) == value(**static, concurrency_or_batch=1)


def test_a_server_without_limits_takes_as_many_as_fit_and_says_so():
    server = {**RATE, "metric": "output_tokens_per_s_server"}
    told = "limits of TTFT and TPOT not reported: as many as fit"
    assert told in one(**server, concurrency_or_batch="").assumptions
    assert told not in one(**server).assumptions
    assert told not in one(**server, concurrency_or_batch="", notes="TPOT <= 40 ms").assumptions


@pytest.mark.parametrize("engine", ["vLLM", "TensorRT-LLM"])
def test_a_version_that_is_not_stated_is_that_of_mid_2025(engine):
    told = f"version of {engine} not reported: as of mid-2025"
    assert told in one(engine=engine, engine_version="").assumptions
    assert told not in one(engine=engine, engine_version="0.12").assumptions
    assert "version" not in "".join(one(engine="llama.cpp", engine_version="").assumptions)
    memory = {"kind": "memory", "unit": "GiB", "engine": engine, "engine_version": ""}
    assert told not in one(**memory, metric="model_weights_per_gpu").assumptions
    assert told in one(**memory, metric="kv_cache_memory_per_gpu").assumptions


@pytest.mark.parametrize("metric", ["tpot_mean", "itl_median"])
def test_one_token_has_no_time_per_token(metric):
    answer = one(metric=metric, osl=1)
    assert answer == Refused("osl 1: nothing follows the first token")
    assert value(metric=metric, osl=2) > 0


CACHE = {"kind": "memory", "metric": "kv_cache_memory_per_gpu", "unit": "GiB"}
OLD = {"kind": "memory", "metric": "activation_peak_per_gpu", "unit": "GiB"}
SERVER = {**RATE, "metric": "output_tokens_per_s_server", "concurrency_or_batch": ""}
WIDE = {
    "model": "DeepSeek-V3", "params_total_b": 671, "engine": "SGLang", "gpu_count": 32, "tp": 32,
    "dp": 32, "ep": 32, "concurrency_or_batch": 8192, "notes": "decode pool",
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "notes"),
    [
        (CACHE, "--gpu-memory-utilization 0.85"),
        (CACHE, "gpu_memory_utilization=0.85"),
        (CACHE, "GPU reports 75.19 GiB"),
        ({**CACHE, "engine": "SGLang"}, "--mem-fraction-static 0.7"),
        ({**OLD, "engine_version": "0.6"}, "--max-model-len 8192"),
        (SERVER, "TTFT <= 2 s; TPOT <= 40 ms"),
        (RATE, "static batch"),
        ({}, "mtp speculative 3 tokens"),
        (WIDE, "decode pool; --enable-two-batch-overlap"),
    ],
)
def test_what_notes_are_read_for(row, notes):
    """As the README lists it; flags with hyphens, as one types them, had been skipped."""
    assert value(**{**row, "notes": notes}) != value(**row)
