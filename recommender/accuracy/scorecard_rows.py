"""Rows of a scorecard: prediction, measured value, and how much faster than the hardware that is.

A row beyond the datasheet was not measured as it says (`fit.beyond_datasheet`), so no prediction
could meet it: fits leave it out, and so do scores. Rows are judged in blocks, as they are
predicted, in memory that does not grow with the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from catalog.calibration import Calibration
from recommender.accuracy.fit.beyond_datasheet import datasheet_excess
from recommender.accuracy.measurement import parse_measurement
from recommender.accuracy.names import Names
from recommender.accuracy.prediction import Prediction
from recommender.accuracy.question import Question, ask
from recommender.accuracy.row_file import Record, size_of
from recommender.accuracy.scenario import Refused

BLOCK_ROWS = 4096
BLOCK_CHARACTERS = 16 << 20
"""A block ends at either: endless rows must not fill the memory."""
NOT_JUDGED = ("memory", "power")
"""Kinds that have nothing faster about them."""


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row that can be compared."""

    number: int
    """Of the file, from 1."""
    record: Record
    answer: Prediction
    measured: float
    """In the unit of the row."""
    times_faster: float = 0.0
    """Than the datasheet allows; 0 where that is not judged."""


def judged(
    rows: Iterable[ScoredRow], calibration: Calibration, names: Names
) -> Iterator[ScoredRow]:
    """The same rows, with how much faster than their hardware each is."""
    for block in _blocks(rows):
        asked = [_question(row, names) for row in block]
        pairs = [(q, row.measured) for q, row in zip(asked, block, strict=True) if q is not None]
        excess = iter(datasheet_excess([q for q, _ in pairs], [v for _, v in pairs], calibration))
        for question, row in zip(asked, block, strict=True):
            yield row if question is None else replace(row, times_faster=float(next(excess)))


def _question(row: ScoredRow, names: Names) -> Question | None:
    if (row.record.get("kind") or "").strip() in NOT_JUDGED:
        return None
    question = ask(parse_measurement(row.record), names)
    return None if isinstance(question, Refused) else question


def _blocks(rows: Iterable[ScoredRow]) -> Iterator[Sequence[ScoredRow]]:
    block: list[ScoredRow] = []
    characters = 0
    for row in rows:
        block.append(row)
        characters += size_of(row.record)
        if len(block) == BLOCK_ROWS or characters >= BLOCK_CHARACTERS:
            yield block
            block, characters = [], 0
    if block:
        yield block
