"""Rows that are faster than the datasheet of their accelerator allows.

    measured time < t_ideal / LEAST_EXCESS,   or a rate above LEAST_EXCESS / t_ideal
    t_ideal: the step law with every share of a peak at 1 and every overhead at 0

At the stated requests in flight, weights and cache have to be read and products computed once per
step, whatever the engine. Nothing is said of what prompts cost those that decode: they may all be
read before the first of them does (`PromptsFirst`). A row below that is not a run of what it
says (fewer requests in flight, another format, drafts that it does not report): it is left out of
fits and of scores. Rows whose requests in flight, layout, lengths or network are our estimate are
not judged by a step (offline, at a rate, not reported), nor drafts, of which we guess how many are
taken, nor pipelines, of whose hops a datasheet says nothing: they are held against what the
hardware takes in any layout and under any load (`least_work`), as are all others, of whose rates
prompts take a share. Memory and power are not judged. Of rates, all stated requests count as held
in memory. Weights that are stored in fewer bits than they are said to be computed in may be
computed in 8 bits: twice the rate.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.least_work import EIGHT_BIT_RATE, is_narrowed, least_work_excess
from recommender.accuracy.load_constants import LoadConstants
from recommender.accuracy.question import Question
from recommender.accuracy.rates import speeds
from recommender.accuracy.regime import is_reported
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing
from recommender.performance.constants import COMPUTE_SHARES, Constants
from recommender.performance.layout_table import Floats
from recommender.sizing.number import Number

LEAST_EXCESS = 1.1
"""Clocks above the datasheet's and rounded sizes of formats stay below this."""
STATED = ("closed", "static")
RATES = ("throughput",)
NO_TIME_S = 1e-12
SHARP = 30.0
"""Arithmetic and traffic overlap wholly: 2 % above the longer of the two, at most."""


class PromptsFirst(Timing):
    """Prompts are all read before the first of their answers is decoded, and delay none."""

    @cached_property
    def tpot(self) -> Floats:
        """Mean time per output token."""
        return self.decode


def beyond_datasheet(
    questions: Sequence[Question], values: Sequence[float], calibration: Calibration
) -> npt.NDArray[np.bool_]:
    """Which measured rows are faster than their hardware, shape (n,); `values` in their units."""
    return np.asarray(datasheet_excess(questions, values, calibration) > LEAST_EXCESS)


def datasheet_excess(
    questions: Sequence[Question], values: Sequence[float], calibration: Calibration
) -> Floats:
    """How many times faster than the datasheet allows, shape (n,); 0 where nothing is judged."""
    if not questions:
        return np.zeros(0)
    own = [v * divisor(q) for q, v in zip(questions, values, strict=True)]
    any_layout = least_work_excess(questions, own, calibration)
    return np.maximum(any_layout, _step_excess(questions, np.array(own), calibration))


def _step_excess(questions: Sequence[Question], own: Floats, calibration: Calibration) -> Floats:
    """The same of steps in the stated layout at the stated load; `own` in our units."""
    scenarios = [question.scenario for question in questions]
    loads = [question.load for question in questions]
    table = scenario_table(scenarios, calibration)
    rate = np.array([question.row.kind in RATES for question in questions])
    held = batch_of(table, scenarios, loads)
    batch = np.where(rate, np.fmax(table.concurrency, held), held)
    all_have_room = replace(table, concurrency=batch, captures_graphs=np.zeros_like(batch))
    found = speeds(PromptsFirst(all_have_room, _ideal(scenarios), batch), loads)
    names = [question.quantity.name for question in questions]
    limit = np.array(
        [found[name][row] if name in found else np.nan for row, name in enumerate(names)]
    )
    excess = np.where(rate, own / limit, limit / np.maximum(own, NO_TIME_S))
    stated = np.array([_is_stated(question) for question in questions])
    return np.where(stated & np.isfinite(excess), excess, 0.0)


def _is_stated(question: Question) -> bool:
    """Whether the row says all that a step's least time depends on."""
    scenario, load = question.scenario, question.load
    plain = load.kind in STATED and not load.speculated_tokens and scenario.pp == 1
    known = scenario.concurrency is not None and not scenario.guessed_model
    return plain and known and is_reported(question)


def _ideal(scenarios: Sequence[Scenario]) -> LoadConstants:
    """Peaks reached, and nothing else takes time."""
    values: dict[str, Number] = {
        field.name: 1.0 if field.name.endswith("_share") else NO_TIME_S
        for field in fields(Constants)
    }
    reached = np.array([EIGHT_BIT_RATE if is_narrowed(item.weights) else 1.0 for item in scenarios])
    arithmetic = dict.fromkeys(COMPUTE_SHARES, reached)
    return LoadConstants(
        step=Constants(**{**values, **arithmetic, "sharpness": SHARP}),
        vintage=1.0,
        prompt_stretch=1.0,
        frontend_s=0.0,
        request_s=0.0,
        waiting=0.0,
    )
