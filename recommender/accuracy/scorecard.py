"""The scorecard of a measurement file: errors by kind, regime and more, refusals, worst rows.

Rows that are faster than the datasheet of their hardware allows are no part of the scores: they are
counted and named by themselves.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from catalog.calibration import Calibration
from recommender.accuracy.file_kind import shorten
from recommender.accuracy.fit.beyond_datasheet import LEAST_EXCESS
from recommender.accuracy.known_names import known_names
from recommender.accuracy.measurement import KINDS, Malformed, measured_value
from recommender.accuracy.names import Names
from recommender.accuracy.predict_file import ADDED, answers
from recommender.accuracy.prediction import Prediction
from recommender.accuracy.regime import REGIMES
from recommender.accuracy.row_file import Record, open_rows, unread_columns
from recommender.accuracy.scenario import Refused
from recommender.accuracy.score import Key, Score, Tally
from recommender.accuracy.scorecard_rows import ScoredRow, judged
from recommender.errors import SpecError

WORST_ROWS = 20
LONGEST_ID = 120
MOST_REASONS = 1000
Kept = TypeVar("Kept")
_QUOTED = re.compile(r"\B(['\"]).*\1\B")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,.]*(?:e[-+]?\d+)?(?!\w)|\b(?:nan|inf)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class WorstRow:
    """A row that is far off."""

    log_error: float
    id: str
    model: str
    accelerator: str
    metric: str
    measured: float
    predicted: float
    unit: str


@dataclass(frozen=True, slots=True)
class ImpossibleRow:
    """A row that is faster than the datasheet of its hardware allows."""

    times_faster: float
    id: str
    model: str
    accelerator: str
    metric: str
    measured: float
    unit: str


@dataclass
class Scorecard:
    """All that `recommend accuracy` shows."""

    scores: Mapping[Key, Score] = field(default_factory=dict)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, reason) -> rows."""
    rows: int = 0
    without_value: int = 0
    unread: str = ""
    """What to say of columns that are not read."""
    worst: list[WorstRow] = field(default_factory=list)
    impossible_rows: int = 0
    """Faster than the datasheet allows, by more than clocks and rounding explain; not scored."""
    impossible: list[ImpossibleRow] = field(default_factory=list)
    """The furthest of them."""

    @property
    def scored(self) -> int:
        """Rows that the scores are of."""
        left_out = self.refused.total() + self.without_value + self.impossible_rows
        return self.rows - left_out


def scorecard(path: Path, calibration: Calibration, names: Names | None = None) -> Scorecard:
    """Predict every row of a file, and compare with its value.

    `names` are those of a catalogue with overlays; by default of the shipped one.

    Raises
    ------
    SpecError
        It is no measurement file, or has no column of values.
    """
    card, known = Scorecard(), names or known_names()
    with open_rows(path) as (header, rows):
        if "value" not in header:
            raise SpecError(f"{path} has no column value: there is nothing to compare with")
        card.unread = unread_columns(header, besides=ADDED)
        comparable = _comparable(card, answers(rows, calibration, known))
        _score(card, judged(comparable, calibration, known), known)
    return card


def _comparable(
    card: Scorecard, answered: Iterable[tuple[Record, Prediction | Refused]]
) -> Iterator[ScoredRow]:
    """The rows with a prediction and a value; the others are counted, with what is wrong."""
    for record, answer in answered:
        card.rows += 1
        if isinstance(answer, Refused):
            card.refused[_counted(record, answer, card.refused)] += 1
            continue
        try:
            measured = measured_value(record)
        except Malformed as error:
            card.refused[_counted(record, Refused(str(error)), card.refused)] += 1
            continue
        if measured is None:
            card.without_value += 1
        else:
            yield ScoredRow(card.rows, record, answer, measured)


def _score(card: Scorecard, rows: Iterable[ScoredRow], names: Names) -> None:
    """Add up the errors of the rows that were possible, and keep the furthest of all others."""
    tally = Tally()
    far: list[tuple[float, int, WorstRow]] = []
    beyond: list[tuple[float, int, ImpossibleRow]] = []
    for row in rows:
        if row.times_faster > LEAST_EXCESS:
            card.impossible_rows += 1
            _keep(beyond, (row.times_faster, row.number, _impossible(row)))
            continue
        tally.add(
            measured=row.measured,
            predicted=row.answer.value,
            low=row.answer.low,
            high=row.answer.high,
            keys=_keys(row.record, row.answer, names),
        )
        worst = _worst(row)
        _keep(far, (abs(worst.log_error), row.number, worst))
    card.scores = tally.scores()
    card.worst = [one for _, _, one in sorted(far, reverse=True)]
    card.impossible = [one for _, _, one in sorted(beyond, reverse=True)]


def _keep(furthest: list[tuple[float, int, Kept]], one: tuple[float, int, Kept]) -> None:
    """Add a row, and drop the nearest one of too many."""
    heapq.heappush(furthest, one)
    if len(furthest) > WORST_ROWS:
        heapq.heappop(furthest)


def _counted(
    record: Record, answer: Refused, known: Mapping[tuple[str, str], int]
) -> tuple[str, str]:
    """Kind and reason that a refusal is counted by; of endless ones the first."""
    kind = (record.get("kind") or "").strip()
    key = kind if kind in KINDS else "no kind", _reason(answer.reason)
    return key if key in known or len(known) < MOST_REASONS else ("any", "other reasons")


def _keys(record: Record, answer: Prediction, names: Names) -> Iterator[Key]:
    record = {name: (cell or "").strip() for name, cell in record.items()}
    kind, regime = record["kind"], REGIMES[answer.basis]
    if kind == "power":  # of one accelerator, of all, of the node, per token: no errors of one kind
        kind = f"power, {record['metric']}"
    yield "kind", kind
    yield "kind, regime", f"{kind}, {regime}"
    yield "regime", regime
    yield "accelerator", record["gpu"]
    yield "model", record["model"]
    yield "engine", names.engine(record.get("engine") or "")
    yield "precision", names.precision(record.get("precision_weights") or "")
    if kind == "memory":
        yield "memory", record["metric"]


def _worst(row: ScoredRow) -> WorstRow:
    record = row.record
    return WorstRow(
        log_error=math.log(row.answer.value / row.measured),
        id=shorten(record.get("id") or "", LONGEST_ID),
        model=record["model"],
        accelerator=record["gpu"],
        metric=record["metric"],
        measured=row.measured,
        predicted=row.answer.value,
        unit=record["unit"],
    )


def _impossible(row: ScoredRow) -> ImpossibleRow:
    record = row.record
    return ImpossibleRow(
        times_faster=row.times_faster,
        id=shorten(record.get("id") or "", LONGEST_ID),
        model=record["model"],
        accelerator=record["gpu"],
        metric=record["metric"],
        measured=row.measured,
        unit=record["unit"],
    )


def _reason(text: str) -> str:
    """The reason without names, numbers and hints, so that equal ones are counted together."""
    plain = _QUOTED.sub("", text.split(";")[0])
    return " ".join(_NUMBER.sub("N", plain).split())
