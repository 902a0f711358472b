"""Answers in flight: of unequal lengths the long ones stay longer."""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import questions

from catalog.calibration import load_calibration
from recommender.accuracy.scenario_table import scenario_table

CALIBRATION = load_calibration()


def context(variation):
    """Of 1,024 tokens in and 256 out on average."""
    (asked,) = questions({})
    scenario = replace(asked.scenario, output_variation=variation)
    return float(scenario_table([scenario], CALIBRATION).context[0])


def test_by_hand():
    # equal answers: half of 256; of cv 1: half of twice the mean, as of exponential ones
    assert context(0.0) == 1024 + 128
    assert context(1.0) == 1024 + 256
    assert context(0.5) == pytest.approx(1024 + 160)


def test_by_simulation():
    """Sequences that start one after the other with lognormal lengths, looked at all at once."""
    random = np.random.default_rng(3)
    lengths = random.lognormal(0.0, 0.8, 200_000)
    starts = np.cumsum(random.exponential(0.001, lengths.size))
    at = starts[-1] / 2
    age = at - starts
    inside = (age >= 0) & (age < lengths)
    variation = lengths.std() / lengths.mean()
    expected = context(variation) - 1024
    assert age[inside].mean() / lengths.mean() * 256 == pytest.approx(expected, rel=0.05)


def test_lengths_that_are_stated_do_not_vary():
    """A row that names the data set and its own lengths is of these."""
    stated, named = questions(
        {"notes": "deepseek-r1 Offline"}, {"notes": "deepseek-r1 Offline", "isl": ""}
    )
    assert stated.scenario.output_variation == 0.0
    assert named.scenario.output_variation == pytest.approx(1.03)
