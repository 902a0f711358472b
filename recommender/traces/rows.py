"""The rows of a trace file, one by one: CSV, TSV or one JSON object a line."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from recommender.traces.columns import Columns, find_columns, seconds
from recommender.traces.trace import TraceError

MOST_TOKENS = 2_000_000
MOST_SECONDS = 1e12

NO_TIME = "its arrival is negative or absurd"
NO_TOKENS = "no prompt or no output tokens"
MANY_TOKENS = f"more than {MOST_TOKENS:,} tokens"


class Row(NamedTuple):
    """One request as the file gives it; `problem` says why it cannot be used."""

    line: int
    problem: str
    arrival_s: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int | None = None
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """What the first line says about a file; `header` is empty for JSON lines."""

    path: Path
    columns: Columns
    header: tuple[str, ...]
    separator: str

    def rows(self, lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
        """The rows of numbered lines; TraceError where formats are mixed."""
        for number, text in lines:
            if text.strip():
                yield self._of_table(number, text) if self.header else self._of_json(number, text)

    def _of_table(self, number: int, text: str) -> Row:
        fields = _split(text, self.separator)
        if len(fields) != len(self.header):
            row = Row(number, f"{len(fields)} fields instead of {len(self.header)}")
        else:
            row = _row(number, dict(zip(self.header, fields, strict=True)), self.columns)
        if row.problem and text.lstrip().startswith("{"):
            raise TraceError(f"{self.path}, line {number}: JSON in a table; formats are mixed")
        if row.problem and find_columns(fields) is not None:
            raise TraceError(f"{self.path}, line {number}: a second header; formats are mixed")
        return row

    def _of_json(self, number: int, text: str) -> Row:
        if not text.lstrip().startswith("{"):
            raise TraceError(f"{self.path}, line {number}: no JSON object; formats are mixed")
        found = _json_object(text)
        return Row(number, "not JSON") if found is None else _row(number, found, self.columns)


def format_of(path: Path, number: int, first: str) -> Format:
    """The format, by the first line that is not blank; TraceError if the file is no trace."""
    shown = f"{first.strip()[:80]!r}"
    if first.lstrip().startswith("{"):
        start = _json_object(first)
        columns = None if start is None else find_columns(list(start), blocks="hash_ids" in start)
        if columns is None:
            raise TraceError(
                f"{path}, line {number}: no timestamp, input_length and output_length in {shown}"
            )
        return Format(path, columns, (), "")
    separator = "\t" if "\t" in first else (";" if first.count(";") > 1 else ",")
    header = _split(first, separator, quoted=True)
    columns = find_columns(header)
    if columns is None:
        raise TraceError(
            f"{path}, line {number}: no columns for arrival, prompt and output tokens in {shown}; "
            "right would be arrival_s,input_tokens,output_tokens"
        )
    return Format(path, columns, tuple(header), separator)


def _split(text: str, separator: str, *, quoted: bool = False) -> list[str]:
    """The fields of a line; none where it is no CSV at all."""
    if quoted or '"' in text:
        try:
            return next(csv.reader([text], delimiter=separator))
        except csv.Error:
            return []
    return text.rstrip("\r\n").split(separator)


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _row(number: int, fields: dict[str, Any], columns: Columns) -> Row:
    """Read one row; a problem makes it unusable but is not an error yet."""
    try:
        arrival = seconds(fields[columns.arrival], unit=columns.seconds_per_unit)
        prompt, output = _whole(fields[columns.input]), _whole(fields[columns.output])
        cached = _whole(fields[columns.cached]) if columns.cached else None
        blocks = tuple(map(int, fields["hash_ids"] or ())) if "hash_ids" in fields else ()
    except (KeyError, TypeError, ValueError, OverflowError):
        return Row(number, "a field is missing or no number")
    if not 0.0 <= arrival < MOST_SECONDS:
        return Row(number, NO_TIME)
    if prompt < 1 or output < 1:
        return Row(number, NO_TOKENS)
    if max(prompt, output) > MOST_TOKENS:
        return Row(number, MANY_TOKENS)
    return Row(number, "", arrival, prompt, output, cached, blocks)


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    number = float(value)
    if number != int(number):
        raise ValueError(value)
    return int(number)
