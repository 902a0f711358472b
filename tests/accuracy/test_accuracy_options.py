"""What engines add to a step: rows of captured graphs, and weights widened in the kernel."""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import questions, value

from catalog.calibration import load_calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing

CALIBRATION = load_calibration()


def timing(*changes):
    asked = questions(*changes)
    scenarios = [one.scenario for one in asked]
    table = scenario_table(scenarios, CALIBRATION)
    batch = batch_of(table, scenarios, [one.load for one in asked])
    return Timing(table, load_constants(scenarios, CALIBRATION), batch)


def test_seventeen_sequences_are_multiplied_as_twenty_four():
    """The matrices of a step have 24 rows for 17; attention and its cache have 17."""
    padded = timing({"concurrency_or_batch": 17})
    exact = replace(padded, table=replace(padded.table, captures_graphs=np.zeros(1)))
    rows = exact.step(
        batch=exact.batch, context=exact.table.context, prompt=np.zeros(1), padded=np.array([7.0])
    )
    assert padded.decode == pytest.approx(rows)
    assert padded.decode > exact.decode
    assert padded.prompt == pytest.approx(exact.prompt)  # prompts ride with what is there


@pytest.mark.parametrize("in_flight", [1, 2, 4, 8, 16, 64, 256])
def test_captured_sizes_cost_nothing(in_flight):
    padded = timing({"concurrency_or_batch": in_flight})
    exact = replace(padded, table=replace(padded.table, captures_graphs=np.zeros(1)))
    assert padded.decode == exact.decode


def test_engines_without_graphs_pad_nothing():
    assert (
        timing({"engine": "llama.cpp"}, {"engine": "Transformers"}).table.captures_graphs.sum() == 0
    )


def test_widening_weights_costs_prompts_six_percent_of_their_arithmetic():
    """Of 8B on an A100, four bits in place of 16: many prompts at once are longer, though a
    quarter of the bytes are read.
    """
    small = {
        "kind": "ttft", "metric": "ttft_static_batch", "model": "Llama-3.1-8B", "gpu": "A100 80GB",
        "params_total_b": 8, "params_active_b": 8, "tp": 1, "gpu_count": 1, "isl": 2048,
        "concurrency_or_batch": 8,
    }  # fmt: skip
    whole, four = (value(**small, precision_weights=name) for name in ("bf16", "int4"))
    assert 1.02 < four / whole < 1.06
