"""Predictions of measurement rows: value, 90 % interval, basis and assumptions.

All rows of a block are predicted at once. A row that cannot be read or understood is refused
alone, with the reason.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.calibration import Basis, Calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.first_token import first_token_factors
from recommender.accuracy.guessed import no_surer_than_stated
from recommender.accuracy.interval import error_rows, far_chance_of, intervals
from recommender.accuracy.known_names import known_names
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.measurement import Malformed, parse_measurement
from recommender.accuracy.memory_amounts import memory_amounts
from recommender.accuracy.names import Names
from recommender.accuracy.own_engine import assumed_constants
from recommender.accuracy.power_amounts import power_amounts
from recommender.accuracy.question import Question, ask
from recommender.accuracy.rates import speeds
from recommender.accuracy.regime import basis_of
from recommender.accuracy.room import room_reach
from recommender.accuracy.scenario import Refused
from recommender.accuracy.scenario_table import ScenarioTable, scenario_table
from recommender.accuracy.server_batch import server_batch
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats


@dataclass(frozen=True, slots=True)
class Prediction:
    """A value and its 90 % interval, in the row's unit."""

    value: float
    low: float
    high: float
    basis: Basis
    assumptions: tuple[str, ...]
    far_chance: float | None = None
    """That the measured value is more than three times more or less [1]; None: not known, as of
    loops that wait for room, whose intervals reach as far as the room may.
    """


def predict(
    records: Sequence[Mapping[str, str | None]],
    calibration: Calibration,
    names: Names | None = None,
) -> list[Prediction | Refused]:
    """One prediction or refusal per record, in order; the `value` column is not read.

    `names` are those of a catalogue with overlays; by default of the shipped one.
    """
    known = names or known_names()
    answers: list[Question | Refused] = [_ask(record, known) for record in records]
    questions = [answer for answer in answers if isinstance(answer, Question)]
    understood = iter(_predictions(questions, calibration) if questions else ())
    return [answer if isinstance(answer, Refused) else next(understood) for answer in answers]


def _predictions(
    questions: Sequence[Question], calibration: Calibration
) -> Iterator[Prediction | Refused]:
    table = scenario_table([question.scenario for question in questions], calibration)
    values = _values(questions, table, calibration)
    bases = [basis_of(question, calibration) for question in questions]
    errors = error_rows(questions, bases, table, calibration)
    reach = room_reach(questions, table, calibration)
    ends = intervals(questions, errors, table, reach, calibration)
    ends = no_surer_than_stated(questions, bases, errors, ends, calibration)
    known_room = [not row.any() for row in reach]
    for question, own, basis, error, (low, high), has_room in zip(
        questions, values, bases, errors, ends, known_room, strict=True
    ):
        value = in_unit(question, own)
        if not math.isfinite(value) or value <= 0:
            yield Refused("the deployment does not fit into the memory of its accelerators")
            continue
        yield Prediction(
            value=value,
            low=value * math.exp(low),
            high=value * math.exp(high),
            basis=basis,
            assumptions=(
                *question.scenario.assumptions,
                *assumed_constants(question.scenario, calibration),
            ),
            far_chance=far_chance_of(question, error, calibration) if has_room else None,
        )


def _ask(record: Mapping[str, str | None], names: Names) -> Question | Refused:
    try:
        return ask(parse_measurement(record), names)
    except Malformed as error:
        return Refused(str(error))


def own_values(questions: Sequence[Question], calibration: Calibration) -> list[float]:
    """Predicted quantities in our units, for the whole system."""
    table = scenario_table([question.scenario for question in questions], calibration)
    return _values(questions, table, calibration)


def _values(
    questions: Sequence[Question], table: ScenarioTable, calibration: Calibration
) -> list[float]:
    scenarios = [question.scenario for question in questions]
    loads = [question.load for question in questions]
    constants = load_constants(scenarios, calibration)
    batch = batch_of(table, scenarios, loads)
    batch = server_batch(table, constants, loads, batch)
    timing = Timing(table, constants, batch)
    found: dict[str, Floats] = speeds(
        timing, loads, first_token=first_token_factors(questions, timing, calibration)
    )
    found.update(power_amounts(timing, found["output_rate"]))
    return [
        float(found[question.quantity.name][index])
        if question.quantity.name in found
        else memory_amounts(question)[question.quantity.name]
        for index, question in enumerate(questions)
    ]


def in_unit(question: Question, own: float) -> float:
    """A quantity of ours in the unit of the row."""
    per = {"system": 1.0, "accelerator": question.scenario.accelerators, "node": question.nodes}
    return own / per[question.quantity.per] * question.quantity.unit
