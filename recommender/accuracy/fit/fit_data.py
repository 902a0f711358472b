"""Measured questions as arrays: what a fit compares predictions with."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.batch import batch_of, capacity
from recommender.accuracy.fit.groups import Groups
from recommender.accuracy.load import Load
from recommender.accuracy.load_constants import NEWEST_YEAR, USUAL_YEAR, kind_of
from recommender.accuracy.question import Question
from recommender.accuracy.scenario import AGEING, Scenario
from recommender.accuracy.scenario_table import ScenarioTable, scenario_table
from recommender.performance.layout_table import Floats

Indices = npt.NDArray[np.intp]
TIME_DEVIATION = 0.12
"""Standard deviation of log(measured / predicted) that a good fit reaches."""
TTFT_DEVIATION = 0.15
UNKNOWN_VERSION = 2.0
"""Factor on the deviation where the version of an engine that changes fast is not reported."""


@dataclass(frozen=True, slots=True)
class FitData:
    """Rows of shape (n,)."""

    table: ScenarioTable
    loads: tuple[Load, ...]
    names: tuple[str, ...]
    """Quantity asked for."""
    batch: Floats
    log_value: Floats
    deviation: Floats
    cell: Indices
    groups: Indices
    """Shape (n, levels), see `groups`."""
    age: Floats
    """Years between the engine's version and the newest."""

    def __len__(self) -> int:
        return len(self.names)

    def take(self, index: Indices) -> "FitData":
        """The rows at these positions."""
        return FitData(
            self.table.take(index),
            tuple(self.loads[position] for position in index),
            tuple(self.names[position] for position in index),
            *(
                getattr(self, field.name)[index]
                for field in fields(FitData)
                if field.name not in ("table", "loads", "names")
            ),
        )


def fit_data(
    questions: Sequence[Question],
    values: Sequence[float],
    *,
    calibration: Calibration,
    cells: Sequence[tuple[str, str]],
    groups: Groups,
) -> FitData:
    """Arrays of questions and their measured values (in the row's unit)."""
    scenarios = [question.scenario for question in questions]
    loads = tuple(question.load for question in questions)
    table = scenario_table(scenarios, calibration)
    names = tuple(question.quantity.name for question in questions)
    prompts = np.array([name in ("ttft", "prefill") for name in names])
    years = np.array([scenario.year or USUAL_YEAR for scenario in scenarios])
    own = [value * divisor(question) for question, value in zip(questions, values, strict=True)]
    cell_of = {cell: index for index, cell in enumerate(cells)}
    return FitData(
        table=table,
        loads=loads,
        names=names,
        batch=batch_of(table, scenarios, loads),
        log_value=np.log(np.array(own)),
        deviation=np.where(prompts, TTFT_DEVIATION, TIME_DEVIATION)
        * np.array([_trust(scenario) for scenario in scenarios]),
        cell=np.array([cell_of[item.cell, kind_of(item)] for item in scenarios]),
        groups=groups.positions(scenarios),
        age=NEWEST_YEAR - years,
    )


def _trust(scenario: Scenario) -> float:
    return UNKNOWN_VERSION if scenario.year is None and scenario.engine in AGEING else 1.0


def divisor(question: Question) -> float:
    """What one of the row's figure is in our unit, for the whole system."""
    per = {"system": 1.0, "accelerator": question.scenario.accelerators, "node": question.nodes}
    return per[question.quantity.per] / question.quantity.unit


def usable(questions: Sequence[Question], calibration: Calibration) -> npt.NDArray[np.bool_]:
    """Which rows can be fitted: not suspect, nothing waiting for memory, load known."""
    scenarios = [question.scenario for question in questions]
    table = scenario_table(scenarios, calibration)
    fits = capacity(table, scenarios)
    static = np.array([question.load.kind == "static" for question in questions])
    server = np.array([question.load.kind == "server" for question in questions])
    suspect = np.array(["SUSPECT" in question.row.notes for question in questions])
    waits = ~static & (table.concurrency > fits)
    return np.asarray(~(server | suspect | waits))
