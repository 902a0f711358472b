"""Tables of some rows are those of the rows by themselves."""

from dataclasses import fields

import numpy as np
from measurement_rows import questions

from catalog.calibration import load_calibration
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.scenario_table import ScenarioTable, scenario_table
from recommender.performance.constants import Constants

CALIBRATION = load_calibration()
ROWS = [
    {},
    {"engine": "SGLang", "engine_version": "0.5.1", "isl": 4096},
    {"gpu": "NVIDIA B200", "tp": 2, "gpu_count": 2, "notes": "mtp speculative 2 tokens"},
    {"model": "DeepSeek-R1", "params_total_b": 671, "params_active_b": 37, "tp": 8, "gpu_count": 8},
]
TAKEN = np.array([2, 0])


def test_rows_that_are_taken_equal_their_own_table():
    scenarios = [question.scenario for question in questions(*ROWS)]
    assert len(scenarios) == len(ROWS)
    some = [scenarios[row] for row in TAKEN]
    found, alone = (
        scenario_table(scenarios, CALIBRATION).take(TAKEN),
        scenario_table(some, CALIBRATION),
    )
    for field in fields(ScenarioTable):
        if field.name != "stage":
            own, expected = getattr(found, field.name), getattr(alone, field.name)
            assert np.array_equal(own, expected, equal_nan=True), field.name
    assert np.allclose(found.stage.decode.read_s, alone.stage.decode.read_s, rtol=1e-12)
    constants = load_constants(scenarios, CALIBRATION).take(TAKEN)
    expected = load_constants(some, CALIBRATION)
    assert np.array_equal(constants.waiting, expected.waiting)
    for field in fields(Constants):
        own = np.broadcast_to(getattr(constants.step, field.name), 2)
        assert np.array_equal(own, np.broadcast_to(getattr(expected.step, field.name), 2))
