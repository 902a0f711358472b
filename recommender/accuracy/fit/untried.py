"""Parts of the step time that own runs hardly show: there the factor is carried untested.

One factor scales arithmetic, memory traffic and launches alike. Runs with one request in flight
hardly compute, answers of one token hardly read, long prompts at high load hardly launch: they fix
the factor by what they do, and say nothing of the rest. How much a run shows of a part is

    e = log(t' / t) / log(SLOWER)        t': time of the run with that part SLOWER times as slow

which is its share of the time where nothing overlaps. A part is untried where e is SHOWN or more in
fewer than FEWEST of the rows: the factor is a median, which such rows do not move. Were arithmetic
at 0.7 of what is shipped, runs of Llama 3.1 8B on an H100 with one request in flight (e = 0) would
leave throughput 5 % off with 64 (1,024 + 256 tokens) and 16 % with 8,192 + 64 tokens; runs with 1
to 64 of the latter (e up to 0.76) leave 9 and 5 %.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from catalog.calibration import Calibration, Deviation, Kind, StepConstants
from recommender.accuracy.batch import batch_of
from recommender.accuracy.fit.in_words import counted
from recommender.accuracy.load_constants import LoadConstants, load_constants
from recommender.accuracy.question import Question
from recommender.accuracy.rates import speeds
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.server_batch import server_batch
from recommender.accuracy.timing import Timing
from recommender.performance.constants import BANDWIDTH_SHARES, COMPUTE_SHARES, OVERHEADS
from recommender.performance.layout_table import Floats

Noted = TypeVar("Noted", StepConstants, Deviation)
Cell = tuple[str, Kind]
SLOWER = 1.1
SHOWN = 0.1
FEWEST = 0.2
TO_THE_UNIT = 10
"""Means from here on are printed without decimals."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the step time, its constants, and the runs that show it."""

    name: str
    shares: tuple[str, ...]
    times: tuple[str, ...]
    shown_by: tuple[str, ...]


PARTS = (
    Part(
        "arithmetic",
        COMPUTE_SHARES,
        (),
        ("more requests in flight", "more prompt tokens per answer token"),
    ),
    Part("reading memory", BANDWIDTH_SHARES, (), ("longer answers", "longer contexts")),
    Part(
        "launches and scheduling",
        (),
        (*OVERHEADS, "sequence_s"),
        ("fewer requests in flight", "fewer prompt tokens per answer token"),
    ),
)


@dataclass(frozen=True, slots=True)
class Untried:
    """A part that too few rows show."""

    part: Part
    rows: int
    """Rows that show it."""


def untried(questions: Sequence[Question], calibration: Calibration) -> tuple[Untried, ...]:
    """The parts that rows of speed hardly show, by the constants of `calibration`."""
    log_times = _log_times(questions, calibration, None)
    found = []
    for part in PARTS:
        longer = _log_times(questions, calibration, part) - log_times
        rows = int((longer >= SHOWN * math.log(SLOWER)).sum())
        if rows < FEWEST * len(questions):
            found.append(Untried(part, rows))
    return tuple(found)


def untried_in_words(questions: Sequence[Question], found: Sequence[Untried]) -> str:
    """How far the runs reach, and where the factor is carried beyond; blank where all is shown."""
    if not found:
        return ""
    reach = ", ".join(_reach(questions)) or "no stated load or lengths"
    shown = ", ".join(f"into {one.part.name} in {one.rows or 'none'}" for one in found)
    return (
        f"{counted(len(questions), 'row')} of {reach}; a tenth of the time or more goes {shown}"
        f" of them: the factor is {untested(found)}"
    )


def untested(found: Sequence[Untried]) -> str:
    """Where nothing tests the factor; blank where all is shown."""
    if not found:
        return ""
    *others, last = (where for one in found for where in one.part.shown_by)
    return f"untested with {', '.join(others)} or {last}"


def with_note(calibration: Calibration, *, cell: Cell, silicon: str, note: str) -> Calibration:
    """The calibration with a note added to the row that own runs of this engine and kind of model
    made: of one silicon, or of all where that is blank.
    """

    def noted(row: Noted, made: bool) -> Noted:
        return row.model_copy(update={"note": f"{row.note}, {note}"}) if made and note else row

    return replace(
        calibration,
        step_constants=tuple(
            noted(row, not silicon and (row.engine, row.kind) == cell)
            for row in calibration.step_constants
        ),
        deviations=tuple(
            noted(row, (row.scope, row.name, row.engine, row.kind) == ("silicon", silicon, *cell))
            for row in calibration.deviations
        ),
    )


def _log_times(
    questions: Sequence[Question], calibration: Calibration, slower: Part | None
) -> Floats:
    """log(time), or log(1 / rate), of each run, shape (n,)."""
    scenarios = [question.scenario for question in questions]
    loads = [question.load for question in questions]
    table = scenario_table(scenarios, calibration)
    constants = load_constants(scenarios, calibration)
    if slower is not None:
        constants = _slowed(constants, slower)
    batch = server_batch(table, constants, loads, batch_of(table, scenarios, loads))
    found = speeds(Timing(table, constants, batch), loads)
    own = np.array([found[one.quantity.name][row] for row, one in enumerate(questions)])
    rate = np.array([one.row.kind == "throughput" for one in questions])
    return np.asarray(np.where(rate, -np.log(own), np.log(own)))


def _slowed(constants: LoadConstants, part: Part) -> LoadConstants:
    """Behind the caps of shares: a share at its end would not move by a tenth of its constant."""
    step = constants.step
    changed = {name: getattr(step, name) / SLOWER for name in part.shares}
    changed |= {name: getattr(step, name) * SLOWER for name in part.times}
    return replace(constants, step=replace(step, **changed))


def _reach(questions: Sequence[Question]) -> Iterator[str]:
    """What is stated of loads and lengths: `1 to 64 requests in flight`."""
    rows = [question.row for question in questions]
    for thing, stated, place in (
        ("request", [row.concurrency for row in rows], " in flight"),
        ("prompt token", [row.input_tokens for row in rows], ""),
        ("answer token", [row.output_tokens for row in rows], ""),
    ):
        if known := [number for number in stated if number is not None]:
            yield _between(min(known), max(known), thing) + place


def _between(least: float, most: float, thing: str) -> str:
    ends = (f"{end:,.0f}" if end >= TO_THE_UNIT else f"{end:.2g}" for end in (least, most))
    return f"{' to '.join(dict.fromkeys(ends))} {thing}{'' if most == 1 else 's'}"
