"""Times at the peaks of the datasheet, without overheads: what a hand can compute."""

from dataclasses import fields, replace

import numpy as np

from catalog.calibration import load_calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.load_constants import LoadConstants
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing
from recommender.performance.constants import Constants

NOTHING = 1e-12


def ideal(asked):
    """Timing of questions with every share of a peak at 1, and nothing else taking time."""
    scenarios = [question.scenario for question in asked]
    table = scenario_table(scenarios, load_calibration())
    batch = batch_of(table, scenarios, [question.load for question in asked])
    values = {
        field.name: 1.0 if field.name.endswith("_share") else NOTHING for field in fields(Constants)
    }
    constants = LoadConstants(
        step=Constants(**{**values, "sharpness": 30.0}),
        vintage=1.0,
        prompt_stretch=1.0,
        frontend_s=0.0,
        request_s=0.0,
        waiting=0.0,
    )
    return Timing(replace(table, captures_graphs=np.zeros(len(batch))), constants, batch)
