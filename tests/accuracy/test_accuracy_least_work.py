"""Bounds that hold for any layout and load, against sums by hand and against predictions."""

import math
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from measurement_rows import questions, row
from run_rows import CALIBRATION, write_rows

from catalog.parameters import parameters
from recommender.accuracy.fit.beyond_datasheet import beyond_datasheet
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.least_work import least_work_excess
from recommender.accuracy.prediction import own_values
from recommender.commands.calibrate_command import command

H100_FP8, H100_BANDWIDTH = 1978.9e12, 3.35e12
OFFLINE = {
    "kind": "throughput", "metric": "output_throughput_offline", "unit": "tok/s",
    "concurrency_or_batch": "",
}  # fmt: skip


def excess(value, **changes):
    """Of a row of Llama 3.1 70B in fp8 on four H100."""
    (asked,) = questions(changes)
    (times,) = least_work_excess([asked], [value * divisor(asked)], CALIBRATION)
    return times


def passed(**changes):
    """Parameters that a token passes, and a prompt token: all but the head."""
    (asked,) = questions(changes)
    count = parameters(asked.scenario.model)
    return count.active, count.active - count.head


def test_a_token_reads_the_weights_and_its_cache():
    """(69.5e9 + 1,152 tokens * 80 layers * 2 * 8 heads * 128 * 1 byte) / (4 * 3.35e12) = 5.2 ms."""
    active, _ = passed()
    cache = 1152 * 80 * 2 * 8 * 128
    least_ms = 1e3 * (active + cache) / (4 * H100_BANDWIDTH)
    assert least_ms == pytest.approx(5.2, abs=0.05)
    assert excess(1.0) == pytest.approx(least_ms)
    assert excess(1.0, precision_kv="bf16") == pytest.approx(
        least_ms + 1e3 * cache / (4 * H100_BANDWIDTH)
    )


@pytest.mark.parametrize(
    "layout", [{"tp": ""}, {"tp": 2, "pp": 2}, {"tp": 1}, {"concurrency_or_batch": 1}]
)
def test_no_layout_reads_faster(layout):
    """Replicas read the weights once each, stages one after the other."""
    assert excess(1.0, **layout) == pytest.approx(excess(1.0))


def test_drafts_share_a_step():
    drafted = excess(1.0, notes="MTP speculative 3 tokens")
    assert drafted == pytest.approx(excess(1.0) / 4, rel=1e-4)  # the layer that drafts has a cache
    assert excess(1e-6, notes="with EAGLE drafts") == 0  # nobody says how many


def test_prompts_take_arithmetic_from_answers():
    """8,192 + 128 tokens: 4 * 1979e12 / (2 * (69.5e9 + 64 * 68.4e9)) = 890 tokens/s."""
    active, prompt = passed()
    most = 4 * H100_FP8 / (2 * (active + 64 * prompt))
    assert most == pytest.approx(889, abs=1)
    lengths = {"isl": 8192, "osl": 128}
    assert excess(most, **OFFLINE, **lengths) == pytest.approx(1.0)
    requests = {**OFFLINE, "metric": "request_throughput", "unit": "req/s"}
    assert excess(most / 128, **requests, **lengths) == pytest.approx(1.0)
    total = {**OFFLINE, "metric": "total_token_throughput"}
    assert excess(most * 65, **total, **lengths) == pytest.approx(1.0)
    assert excess(most, **OFFLINE, **lengths, notes="prefix cache on") < 0.2
    assert excess(most, **OFFLINE, isl="", osl="") < 0.1


def test_answers_read_what_memory_holds():
    """8B in 16 bits on one H100, 128 + 2,048 tokens: B = (85e9 - 16e9) / S = 457 sequences of S =
    1,152 tokens * 131,072 bytes; a step reads what is held: 457 * 3.35e12 / 84e9 = 18,200 tokens/s.
    """
    bf16 = {**OFFLINE, "model": "Llama-3.1-8B", "precision_weights": "bf16", "precision_kv": "bf16"}
    one = {"gpu_count": 1, "tp": 1, "isl": 128, "osl": 2048}
    (asked,) = questions({**bf16, **one})
    count = parameters(asked.scenario.model)
    sequence = 1152 * 32 * 2 * 8 * 128 * 2
    held = (asked.scenario.accelerator.memory_bytes - 2 * count.total) / sequence
    most = H100_BANDWIDTH * held / (2 * count.active + held * sequence)
    assert held == pytest.approx(457, abs=5) and most == pytest.approx(18_200, rel=0.01)
    assert excess(most, **bf16, **one) == pytest.approx(1.0)
    few = {**bf16, **one, "concurrency_or_batch": 8}
    limited = H100_BANDWIDTH * 8 / (2 * count.active + 8 * sequence)
    assert excess(limited, **few) == pytest.approx(1.0)


def test_whole_answers_are_a_prompt_and_tokens():
    """p + 255 * t."""
    active, prompt = passed()
    e2e = {"kind": "e2e", "metric": "e2e_mean", "unit": "s"}
    first_s = 2 * prompt * 1024 / (4 * H100_FP8)
    token_s = excess(1.0) / 1e3
    assert excess(1.0, **e2e) == pytest.approx(first_s + 255 * token_s)
    ttft = {"kind": "ttft", "metric": "ttft_mean", "unit": "s"}
    assert excess(1.0, **ttft) == pytest.approx(first_s)
    assert active > prompt


def test_what_cannot_be_counted_is_not_judged():
    assert excess(1e-9, model="Somebody's-70B") == 0
    assert least_work_excess([], [], CALIBRATION).shape == (0,)
    power = {"kind": "power", "metric": "gpu_power_avg", "unit": "W"}
    assert excess(1e-9, **power) == 0


@settings(max_examples=40, deadline=None)
@given(
    inputs=st.integers(16, 30_000),
    outputs=st.integers(2, 4000),
    load=st.sampled_from([1, 3, 16, 100, 700, ""]),
    deployment=st.sampled_from(
        [("Llama-3.1-70B", "fp8", 4), ("DeepSeek-V3", "fp8", 16), ("Qwen3-32B", "int4", 1)]
    ),
    kind=st.sampled_from(["tpot", "throughput", "e2e", "ttft"]),
)
def test_no_prediction_is_beyond_the_bounds(inputs, outputs, load, deployment, kind):
    """Shares of peaks are below 1 and overheads above 0: the model of times keeps these bounds."""
    model, precision, count = deployment
    metric = {"throughput": "output_throughput"}.get(kind, f"{kind}_mean")
    unit = "tok/s" if kind == "throughput" else "ms"
    asked = questions(
        {
            "model": model, "precision_weights": precision, "gpu_count": count, "tp": min(count, 8),
            "gpu": "NVIDIA H200", "isl": inputs, "osl": outputs, "concurrency_or_batch": load,
            "kind": kind, "metric": metric, "unit": unit,
        }
    )  # fmt: skip
    if not asked:
        return  # times at no stated load are refused
    (times,) = least_work_excess(asked, own_values(asked, CALIBRATION), CALIBRATION)
    assert 0 < times < 1.02


@settings(max_examples=25, deadline=None)
@given(value=st.floats(0.01, 1e4), more=st.floats(1.0, 50.0))
def test_faster_rows_are_further_beyond(value, more):
    assert excess(value * more) <= excess(value)
    assert excess(value * more, **OFFLINE) >= excess(value, **OFFLINE)
    (asked,) = questions({})
    slower = replace(asked, scenario=replace(asked.scenario, accelerators=8.0))
    one, two = least_work_excess([asked, slower], [value, value], CALIBRATION)
    assert two == pytest.approx(one / 2)
    assert math.isfinite(one)


def test_offline_rates_beyond_the_roofline_correct_nothing(tmp_path):
    """1,500 tokens/s where 889 are the most: they were taken for an engine 2.8 times as fast."""
    rows = [row(**OFFLINE, isl=8192, osl=128, value=1500 + index) for index in range(8)]
    runs = write_rows(tmp_path / "runs.csv", rows)
    result = CliRunner().invoke(command, [str(runs), "-o", str(tmp_path / "o")])
    assert "the most that the hardware's datasheet allows is 889 tok/s" in str(result.exception)
    assert not (tmp_path / "o").exists()
    asked = questions({**OFFLINE, "isl": 8192, "osl": 128})
    assert beyond_datasheet(asked, [1500.0], CALIBRATION).tolist() == [True]


@pytest.mark.parametrize(
    ("outputs", "load"), [(1, 16), (1, 64), (2, 64), (3, 512), (8, 512), (20, 512)]
)
def test_short_answers_come_no_faster_than_prompts_are_computed(outputs, load):
    """Of one token each, 64 in flight, they came seven times as fast as any hardware could.

    With 512 in flight and one or two tokens they still come 1.6 and 1.07 times as fast: prompts
    are taken to ride with as many decodes.
    """
    asked = questions(
        {
            "model": "Llama-3.1-70B", "precision_weights": "fp8", "gpu_count": 4, "tp": 4,
            "gpu": "NVIDIA H200", "isl": 1000, "osl": outputs, "concurrency_or_batch": load,
            "kind": "throughput", "metric": "output_throughput", "unit": "tok/s",
        }
    )  # fmt: skip
    (times,) = least_work_excess(asked, own_values(asked, CALIBRATION), CALIBRATION)
    assert 0 < times < 1.0
