"""Measured rows for a fit: questions with their values, from CSV files and from the wheel."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.accuracy.fit.decode_pools import pool_records
from recommender.accuracy.fit.in_words import counted
from recommender.accuracy.fit.wheel import wheel_records
from recommender.accuracy.known_names import known_names
from recommender.accuracy.measurement import Malformed, parse_measurement
from recommender.accuracy.names import Names
from recommender.accuracy.question import Question, ask
from recommender.accuracy.row_file import open_rows
from recommender.accuracy.scenario import Refused

SPEEDS = ("throughput", "ttft", "tpot", "e2e")


@dataclass(frozen=True, slots=True)
class Measured:
    """Understood rows with their values; refused ones are left out."""

    questions: tuple[Question, ...]
    values: tuple[float, ...]

    def of_kinds(self, kinds: Iterable[str]) -> "Measured":
        """The rows of these kinds."""
        wanted = set(kinds)
        return self.where([question.row.kind in wanted for question in self.questions])

    def where(self, keep: Iterable[bool]) -> "Measured":
        """The rows to keep."""
        rows = zip(self.questions, self.values, keep, strict=True)
        pairs = [(question, value) for question, value, kept in rows if kept]
        return Measured(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def read_measured(files: Iterable[Path], wheel: Path | None) -> Measured:
    """Rows of measurement files and, when given, of the wheel."""
    return understood(_records(files, wheel))


def understood(records: Iterable[Mapping[str, str]], names: Names | None = None) -> Measured:
    """The rows that can be predicted and have a value; names are those of the shipped catalogue
    unless those of another are given.
    """
    known = names or known_names()
    pairs = [pair for record in records if (pair := _understood(record, known)) is not None]
    return Measured(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def refusals(records: Iterable[Mapping[str, str]], names: Names | None = None) -> list[str]:
    """Why rows are not used, most frequent reason first: `3 rows: model ... unknown`."""
    known = names or known_names()
    reasons: Counter[str] = Counter()
    for record in records:
        try:
            answer = ask(parse_measurement(record), known)
        except Malformed as error:
            reasons[str(error)] += 1
            continue
        if isinstance(answer, Refused):
            reasons[answer.reason] += 1
        elif _understood(record, known) is None:
            reasons["no value above 0"] += 1
    return [f"{counted(count, 'row')}: {reason}" for reason, count in reasons.most_common()]


def _records(files: Iterable[Path], wheel: Path | None) -> Iterable[Mapping[str, str]]:
    if wheel is not None:
        yield from wheel_records(wheel)
        yield from pool_records(wheel)
    for path in files:
        with open_rows(path) as (_, rows):
            yield from (record for record, problem in rows if not problem)


def _understood(record: Mapping[str, str], names: Names) -> tuple[Question, float] | None:
    try:
        question = ask(parse_measurement(record), names)
        value = float(record.get("value") or "nan")
    except (Malformed, ValueError):
        return None
    if not isinstance(question, Question) or not math.isfinite(value) or value <= 0:
        return None
    return question, value
