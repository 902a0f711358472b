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
    of_files: tuple[bool, ...] = ()
    """Whether each is from a file; the others are from the wheel."""

    def of_kinds(self, kinds: Iterable[str]) -> "Measured":
        """The rows of these kinds."""
        wanted = set(kinds)
        return self.where([question.row.kind in wanted for question in self.questions])

    def where(self, keep: Iterable[bool]) -> "Measured":
        """The rows to keep."""
        kept = [row for row, is_kept in enumerate(keep) if is_kept]
        return Measured(
            tuple(self.questions[row] for row in kept),
            tuple(self.values[row] for row in kept),
            tuple(self.of_files[row] for row in kept),
        )


def read_measured(files: Iterable[Path], wheel: Path | None) -> Measured:
    """Rows of measurement files and, when given, of the wheel."""
    runs, own = understood(_runs(wheel)), understood(_records(files))
    return Measured(
        runs.questions + own.questions,
        runs.values + own.values,
        (False,) * len(runs.questions) + own.of_files,
    )


def understood(records: Iterable[Mapping[str, str]], names: Names | None = None) -> Measured:
    """The rows that can be predicted and have a value; names are those of the shipped catalogue
    unless those of another are given.
    """
    known = names or known_names()
    pairs = [pair for record in records if (pair := _understood(record, known)) is not None]
    return Measured(
        tuple(pair[0] for pair in pairs),
        tuple(pair[1] for pair in pairs),
        (True,) * len(pairs),
    )


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


def _runs(wheel: Path | None) -> Iterable[Mapping[str, str]]:
    if wheel is not None:
        yield from wheel_records(wheel)
        yield from pool_records(wheel)


def _records(files: Iterable[Path]) -> Iterable[Mapping[str, str]]:
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
