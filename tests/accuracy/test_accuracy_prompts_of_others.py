"""Closed loops compute a prompt per answer: each answer waits once for the prompt of each other."""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import questions

from catalog.calibration import load_calibration
from recommender.accuracy.fit.least_work import least_work_excess
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.prediction import own_values
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing

CALIBRATION = load_calibration()
ANSWERS = (1, 2, 4, 8, 32, 1024)


def timing(in_flight, *, waiting=None, **changes):
    """Times of the good row at so many requests in flight."""
    first_token = {"kind": "ttft", "metric": "ttft_mean"}
    (asked,) = questions({**first_token, "concurrency_or_batch": in_flight, **changes})
    constants = load_constants([asked.scenario], CALIBRATION)
    if waiting is not None:
        constants = replace(constants, waiting=np.array([waiting]))
    table = scenario_table([asked.scenario], CALIBRATION)
    return Timing(table, constants, np.array([float(in_flight)]))


@pytest.mark.parametrize("outputs", ANSWERS)
@pytest.mark.parametrize("waiting", [0.0, 0.07, 0.4, 1.0])
def test_an_answer_waits_once_for_each_other_prompt(outputs, waiting):
    """omega + (1 - omega)/o before the first token, (1 - omega) (o - 1)/o behind it: 1 together."""
    found = timing(64, osl=outputs, waiting=waiting)
    before = found.first_token_parts.waiting
    behind = (outputs - 1) * (found.tpot - found.decode)
    assert before + behind == pytest.approx(63 * found.prompt)


def test_prompts_that_wait_for_the_first_token_delay_no_later_one():
    assert timing(64, waiting=1.0).tpot == timing(64, waiting=1.0).decode
    times = [timing(64, waiting=waiting).tpot[0] for waiting in (0.0, 0.3, 0.6, 1.0)]
    assert np.all(np.diff(times) < 0)


def test_short_answers_start_several_prompts_in_a_step():
    """64 in flight, answers of 8 tokens: 8 prompts of 1,024 start per step, a budget of 8,192. One
    of them alone would hide behind the weights that the decodes read; eight hide as much together.
    """
    long, short = timing(64, osl=1024), timing(64, osl=8)
    assert short.prompt[0] > 1.02 * long.prompt[0]
    assert timing(64, osl=4).prompt == pytest.approx(short.prompt, rel=0.01)  # no more fit


@pytest.mark.parametrize(
    "deployment",
    [
        {"model": "Llama-3.1-8B", "params_total_b": 8, "params_active_b": 8, "tp": 1,
         "gpu_count": 1, "precision_weights": "bf16"},
        {"model": "Llama-3.1-8B", "params_total_b": 8, "params_active_b": 8, "tp": 1,
         "gpu_count": 1, "gpu": "B200", "engine": "TensorRT-LLM", "engine_version": "1.0"},
        {},
        {"model": "DeepSeek-R1", "params_total_b": 671, "params_active_b": 37, "tp": 8,
         "gpu": "H200", "gpu_count": 8, "engine": "SGLang", "engine_version": "0.5.0"},
    ],
    ids=["8B in bf16", "8B on Blackwell", "70B", "DeepSeek"],
)  # fmt: skip
@pytest.mark.parametrize("inputs", [128, 1024, 8192])
def test_no_loop_is_faster_than_its_hardware(deployment, inputs):
    """Answers of 8 tokens, hundreds in flight, were predicted 1.17 times faster than that."""
    rate = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
    rows = [
        {**rate, **deployment, "isl": inputs, "osl": outputs, "concurrency_or_batch": in_flight}
        for outputs in ANSWERS
        for in_flight in (1, 16, 128, 512, 2000)
    ]
    asked = questions(*rows)
    assert len(asked) == len(rows)
    found = own_values(asked, CALIBRATION)
    assert np.all(least_work_excess(asked, found, CALIBRATION) < 1.0)


@pytest.mark.parametrize("outputs", [2, 4, 16])
def test_no_step_holds_more_prompts_than_its_budget(outputs):
    """Prompts of 4,096 tokens: two per step of 8,192. With 64 in flight and answers of 4 tokens 16
    would start per step: TPOT was that of 16, and the first token far too early.
    """
    found = timing(64, osl=outputs, isl=4096, waiting=0.0)
    assert found.tpot - found.decode == pytest.approx(2 * found.prompt)
    longer = timing(64, osl=64, isl=4096, waiting=0.0)
    assert longer.tpot - longer.decode == pytest.approx(63 / 64 * longer.prompt)  # one per step
    before = found.first_token_parts.waiting
    assert before == pytest.approx((63 - 2 * (outputs - 1)) * found.prompt)
