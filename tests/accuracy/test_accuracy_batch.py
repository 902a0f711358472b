"""Sequences whose cache fits, by engine."""

import pytest
from measurement_rows import row

from catalog.calibration import load_calibration
from recommender.accuracy.batch import capacity
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.scenario_table import scenario_table


def fits(**changes):
    """Requests of 1,000 tokens in and out that fit, of Llama 3.1 70B in fp8 on one H100."""
    alone = {"tp": 1, "gpu_count": 1, "isl": 1000, "osl": 1000, "concurrency_or_batch": ""}
    offline = {"kind": "throughput", "metric": "output_throughput_offline", "unit": "tok/s"}
    questions = understood([row(**{**alone, **offline, **changes})]).questions
    scenarios = [question.scenario for question in questions]
    [found] = capacity(scenario_table(scenarios, load_calibration()), scenarios)
    return float(found)


def test_tensorrt_llm_takes_a_share_of_what_is_free():
    """0.9 * (85.0 - 72.7 - 3) GB / 164 kB (fp8 cache) / 2,000 reserved tokens = 25.8."""
    assert fits(engine="TensorRT-LLM") == pytest.approx(25.8, rel=0.01)


def test_vllm_takes_a_share_of_everything():
    """0.9*85.0 - 72.7 - 3 = 0.8 GB is next to nothing, so it is started with 0.97: 6.8 GB / 328 kB
    / 1,500 tokens in the mean = 13.8.
    """
    assert fits(engine="vLLM") == pytest.approx(13.8, rel=0.02)
    assert fits(engine="vLLM", precision_kv="fp8") == pytest.approx(27.6, rel=0.02)


def test_a_small_cache_is_no_reason_to_take_more():
    """70B in bf16 on two: 0.9*85.0 - 70.6 - 3 = 2.9 GB, 3.4 % of the memory, / 164 kB / 1,500."""
    two = {"precision_weights": "bf16", "tp": 2, "gpu_count": 2}
    assert fits(engine="vLLM", **two) == pytest.approx(11.9, rel=0.1)


def test_more_accelerators_hold_more():
    found = [fits(engine="TensorRT-LLM", tp=tp, gpu_count=tp) for tp in (1, 2, 4, 8)]
    assert found == sorted(found)
    assert found[1] > 2 * found[0]  # weights are held once
