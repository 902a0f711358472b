"""The scorecard of a measurement file: errors by kind, regime and more, refusals, worst rows."""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.calibration import Calibration
from recommender.accuracy.known_names import known_names
from recommender.accuracy.measurement import KINDS
from recommender.accuracy.names import Names
from recommender.accuracy.predict_file import ADDED, answers
from recommender.accuracy.prediction import Prediction
from recommender.accuracy.regime import REGIMES
from recommender.accuracy.row_file import Record, open_rows, shorten, unread_columns
from recommender.accuracy.scenario import Refused
from recommender.accuracy.score import Key, Score, Tally
from recommender.errors import SpecError

WORST_ROWS = 20
LONGEST_ID = 120
MOST_REASONS = 1000
LEAST_VALUE, MOST_VALUE = 1e-9, 1e15
"""Nothing that is measured is outside, in any unit: such a value is none."""
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


def scorecard(path: Path, calibration: Calibration, names: Names | None = None) -> Scorecard:
    """Predict every row of a file, and compare with its value.

    `names` are those of a catalogue with overlays; by default of the shipped one.

    Raises
    ------
    SpecError
        It is no measurement file, or has no column of values.
    """
    card, tally = Scorecard(), Tally()
    known = names or known_names()
    far: list[tuple[float, int, WorstRow]] = []
    with open_rows(path) as (header, rows):
        if "value" not in header:
            raise SpecError(f"{path} has no column value: there is nothing to compare with")
        card.unread = unread_columns(header, besides=ADDED)
        for record, answer in answers(rows, calibration, known):
            card.rows += 1
            if isinstance(answer, Refused):
                card.refused[_counted(record, answer, card.refused)] += 1
                continue
            measured = _value(record)
            if measured is None:
                card.without_value += 1
                continue
            tally.add(
                measured=measured,
                predicted=answer.value,
                low=answer.low,
                high=answer.high,
                keys=_keys(record, answer, known),
            )
            row = _worst(record, answer, measured)
            heapq.heappush(far, (abs(row.log_error), card.rows, row))
            if len(far) > WORST_ROWS:
                heapq.heappop(far)
    card.scores = tally.scores()
    card.worst = [row for _, _, row in sorted(far, reverse=True)]
    return card


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
    yield "kind", kind
    yield "kind, regime", f"{kind}, {regime}"
    yield "regime", regime
    yield "accelerator", record["gpu"]
    yield "model", record["model"]
    yield "engine", names.engine(record.get("engine") or "")
    yield "precision", names.precision(record.get("precision_weights") or "")
    if kind == "memory":
        yield "memory", record["metric"]


def _value(record: Record) -> float | None:
    try:
        value = float(record.get("value") or "nan")
    except ValueError:
        return None
    return value if LEAST_VALUE <= value <= MOST_VALUE else None


def _worst(record: Record, answer: Prediction, measured: float) -> WorstRow:
    return WorstRow(
        log_error=math.log(answer.value / measured),
        id=shorten(record.get("id") or "", LONGEST_ID),
        model=record["model"],
        accelerator=record["gpu"],
        metric=record["metric"],
        measured=measured,
        predicted=answer.value,
        unit=record["unit"],
    )


def _reason(text: str) -> str:
    """The reason without names, numbers and hints, so that equal ones are counted together."""
    plain = _QUOTED.sub("", text.split(";")[0])
    return " ".join(_NUMBER.sub("N", plain).split())
