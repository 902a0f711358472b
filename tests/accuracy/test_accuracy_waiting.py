"""Closed loops with more requests in flight than the cache holds: who waits for room, how long."""

import numpy as np
import pytest
from measurement_rows import row

from catalog.calibration import load_calibration
from recommender.accuracy.batch import batch_of, capacity
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.prediction import Prediction, predict
from recommender.accuracy.room import room_reach
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing

CALIBRATION = load_calibration()
QWEN = {
    "model": "Qwen/Qwen3-32B", "precision_weights": "bf16", "tp": 2, "gpu_count": 2,
    "isl": 4096, "osl": 512,
}  # fmt: skip


def value(**changes):
    [answer] = predict([row(**{**QWEN, **changes})], CALIBRATION)
    assert isinstance(answer, Prediction), answer
    return answer.value


def ttft_s(in_flight, **changes):
    common = {"kind": "ttft", "metric": "ttft_mean", "unit": "s"}
    return value(**{**common, **changes, "concurrency_or_batch": in_flight})


def timing(in_flight, **changes):
    questions = understood(
        [row(**{**QWEN, "concurrency_or_batch": in_flight, **changes})]
    ).questions
    scenarios = [question.scenario for question in questions]
    table = scenario_table(scenarios, CALIBRATION)
    batch = batch_of(table, scenarios, [question.load for question in questions])
    return Timing(table, load_constants(scenarios, CALIBRATION), batch), capacity(table, scenarios)


def test_requests_that_wait():
    """Qwen3-32B in bf16 on two H100: (0.9*85.0 - 32.8 - 3) GB / 131 kB = 311,000 tokens of cache,
    / (4,096 + 512/2) = 71.5 requests. Of 128 in flight 128/71.5 - 1 = 0.79 wait for each of them.
    """
    found, [fits] = timing(128)
    assert fits == pytest.approx(71.5, rel=0.01)
    assert found.excess == pytest.approx(0.79, abs=0.01)
    assert timing(64)[0].excess == pytest.approx(0)


def test_littles_law_holds_with_a_queue():
    """Requests in flight = requests per s * (TTFT + (o - 1) * TPOT), waiting or not."""
    rate = {"kind": "throughput", "unit": "tok/s", "metric": "output_throughput"}
    for in_flight in (32, 128, 200):
        shown = {"concurrency_or_batch": in_flight}
        requests_per_s = value(**rate, **shown) / 512
        inside = ttft_s(in_flight) + 511 * value(unit="s", **shown)
        assert requests_per_s * inside == pytest.approx(in_flight, rel=1e-6)


def test_those_with_room_are_served_as_fast_as_without_a_queue():
    """Measured: 33.5 s at 128 in flight, 63 of them running (vLLM 0.12.0 in the wheel's sample)."""
    shown = {"concurrency_or_batch": 128}
    assert value(**shown) == pytest.approx(value(concurrency_or_batch=72), rel=0.02)
    assert ttft_s(72) < 8
    assert ttft_s(128) == pytest.approx(33.5, rel=0.5)


def test_a_queue_grows_with_the_requests_in_flight():
    times = [ttft_s(in_flight) for in_flight in (16, 64, 80, 128, 256)]
    assert np.all(np.diff(times) > 0)
    assert ttft_s(256, precision_kv="fp8") < ttft_s(256)  # twice the room


def test_an_engine_that_has_hardly_a_cache_is_started_with_more():
    """DeepSeek-R1 in fp8 on four B200: 168 of 191.5 GB are weights, 0.9*191.5 - 168 - 3 = 1.3 GB
    would be the cache at the usual share, for two requests of 8,192 + 1,024 tokens; it is 14.7 GB
    at 0.97, for 24. Measured (SGLang 2026-03): TPOT at 16 and 32 in flight 1.0 and 1.2 times what
    these 16 and 24 take, 3 and 5 times what two would.
    """
    large = {
        "model": "deepseek-ai/DeepSeek-R1", "gpu": "B200", "tp": 4, "gpu_count": 4,
        "precision_weights": "fp8", "isl": 8192, "osl": 1024, "engine": "SGLang",
        "engine_version": "2026-03",
    }  # fmt: skip
    some, [fits] = timing(16, **large)
    assert fits == pytest.approx(23.8, abs=0.3)
    assert (some.batch, some.excess) == (16, 0)
    assert timing(32, **large)[0].excess == pytest.approx(32 / fits - 1)


@pytest.mark.parametrize(
    "tight",
    [
        {"model": "Llama-3.1-70B", "params_total_b": 70.6, "tp": 2, "gpu_count": 2},
        {"model": "Llama-3.1-70B", "params_total_b": 70.6, "tp": 1, "gpu_count": 1,
         "precision_weights": "fp8"},
        {"model": "DeepSeek-R1", "params_total_b": 671, "params_active_b": 37, "tp": 8,
         "gpu_count": 8, "precision_weights": "fp8"},
    ],
    ids=["70B in bf16", "70B in fp8", "DeepSeek"],
)  # fmt: skip
def test_littles_law_holds_where_weights_nearly_fill_the_memory(tight):
    """First tokens did not wait there, and throughput was that of one or two requests: the same
    setting contradicted itself by 4 to 32 times.
    """
    shown = {**tight, "concurrency_or_batch": 32, "isl": 2048, "osl": 512}
    rate = value(**shown, kind="throughput", unit="tok/s", metric="output_throughput")
    inside = ttft_s(32, **shown) + 511 * value(**shown, unit="s")
    assert rate / 512 * inside == pytest.approx(32, rel=1e-6)


def reach(in_flight, **changes):
    common = {"kind": "ttft", "metric": "ttft_mean", "unit": "s"}
    record = row(**{**QWEN, **common, "concurrency_or_batch": in_flight, **changes})
    questions = understood([record]).questions
    table = scenario_table([question.scenario for question in questions], CALIBRATION)
    [ends] = room_reach(questions, table, CALIBRATION)
    return ends


def test_intervals_reach_to_the_wait_that_half_the_room_would_make():
    """71.5 requests fit by the defaults. 64: none waits, but 64/35.7 - 1 = 0.79 would if the cache
    held half as many; 35 fit either way. 128: none waits if it held twice as many.
    """
    ttft, tpot = ttft_s(64), value(unit="s", concurrency_or_batch=64)
    longest = ttft + 0.79 * (ttft + 511 * tpot)
    assert reach(64) == pytest.approx([0, np.log(longest / ttft)], abs=0.01)
    assert reach(35) == pytest.approx([0, 0])
    least, most = reach(128)
    room = ttft_s(128) * np.exp(least)
    waited = room + 0.79 * (room + 511 * value(unit="s", concurrency_or_batch=128))
    assert ttft_s(128) == pytest.approx(waited, rel=0.01)
    assert most > 0
    assert reach(64, kind="tpot", metric="tpot_mean") == pytest.approx([0, 0])


def test_the_whole_answer_waits_as_long_as_its_first_token():
    whole = {"kind": "e2e", "metric": "e2e_mean", "unit": "s"}
    e2e = value(**whole, concurrency_or_batch=64)
    waited = ttft_s(64) * np.expm1(reach(64)[1])
    assert e2e * np.expm1(reach(64, **whole)[1]) == pytest.approx(waited)


def test_weights_that_fill_the_memory_leave_the_room_unknown():
    """Qwen3-32B in bf16 on one H100: at 0.8 of the memory 0.8*85.0 - 65.5 - 3 < 0 GB are left, so
    that one request may be all that fits. Measured: 14.6 s, 5 of 16 running (SGLang 0.5.8).
    """
    alone = {"tp": 1, "gpu_count": 1, "isl": 1024, "osl": 256, "engine": "SGLang"}
    predicted = ttft_s(16, **alone)
    assert predicted * np.exp(reach(16, **alone)[1]) > 14.6
