"""Decodes and prompts attend with different kernels: each has its share of the peak."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from performance_rows import PROTOTYPE

from catalog.calibration import FOLDER, load_calibration
from catalog.calibration_rows import StepConstants
from recommender.performance.constants import MOST_OF_COMPUTE, on_architecture
from recommender.performance.stage import Work
from recommender.performance.step_time import context_token_s, prompt_pair_s

DENSE = PROTOTYPE["dense"]
ARITHMETIC = Work(flop_s=np.array([1e-6]), read_s=np.zeros(1))


def test_decodes_take_their_own_share():
    """1 us of arithmetic at the peak, at 0.7 of it."""
    faster = replace(DENSE, decode_attention_share=0.7)
    assert context_token_s(ARITHMETIC, faster)[0] == pytest.approx(1e-6 / 0.7)

    class Stage:
        prompt_pair_s = np.array([1e-6])

    assert prompt_pair_s(Stage(), faster) == prompt_pair_s(Stage(), DENSE)


def test_silicon_scales_both_alike_and_caps_them():
    found = on_architecture(
        replace(DENSE, decode_attention_share=0.6), compute_factor=0.5, bandwidth_factor=1.0,
        overhead_factor=1.0,
    )  # fmt: skip
    assert found.decode_attention_share == pytest.approx(0.3, rel=1e-3)
    assert found.attention_compute_share == pytest.approx(
        DENSE.attention_compute_share / 2, rel=1e-3
    )
    fast = on_architecture(
        replace(DENSE, decode_attention_share=1.0), compute_factor=4.0, bandwidth_factor=1.0,
        overhead_factor=1.0,
    )  # fmt: skip
    assert fast.decode_attention_share <= MOST_OF_COMPUTE


@pytest.mark.parametrize(
    "given", [{}, {"decode_attention_share": ""}, {"decode_attention_share": 0.9}]
)
def test_tables_without_the_column_read_as_before(given):
    with (FOLDER / "step_constants.csv").open(newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    row.pop("decode_attention_share", None)
    found = StepConstants.model_validate({**row, **given})
    wanted = given.get("decode_attention_share") or float(row["attention_compute_share"])
    assert found.decode_attention_share == pytest.approx(wanted)


def test_every_engine_has_a_share_of_its_decodes():
    assert all(0 < row.decode_attention_share <= 1 for row in load_calibration().step_constants)
