"""The rows of a trace file, one by one: CSV, TSV or one JSON object a line."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from recommender.traces.columns import Columns, find_columns, seconds
from recommender.traces.trace import TraceError

MOST_TOKENS = 2_000_000
_LONGEST_LINE = 1 << 24


class Row(NamedTuple):
    """One request as the file gives it; `problem` says why it cannot be used."""

    line: int
    problem: str
    arrival_s: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int | None = None
    blocks: tuple[int, ...] = ()


def read_rows(path: Path) -> tuple[str, Iterator[Row]]:
    """Name of the format, and the rows; TraceError if the file is no trace."""
    lines = _lines(path)
    first = next(((n, text) for n, text in lines if text.strip()), None)
    if first is None:
        raise TraceError(f"{path} is empty; a trace has a header line and one request a line")
    if first[1].lstrip().startswith("{"):
        return _json_rows(path, first, lines)
    return _delimited_rows(path, first, lines)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            number = 0
            while text := file.readline(_LONGEST_LINE):
                number += 1
                yield number, text
    except OSError as error:
        raise TraceError(f"cannot read {path}: {error.strerror or error}") from None


def _delimited_rows(
    path: Path, first: tuple[int, str], lines: Iterator[tuple[int, str]]
) -> tuple[str, Iterator[Row]]:
    separator = "\t" if "\t" in first[1] else (";" if first[1].count(";") > 1 else ",")
    header = next(csv.reader([first[1]], delimiter=separator))
    columns = find_columns(header)
    if columns is None:
        raise TraceError(
            f"{path}, line {first[0]}: no columns for arrival, prompt and output tokens in "
            f"{first[1].strip()[:80]!r}; right would be arrival_s,input_tokens,output_tokens"
        )

    def rows() -> Iterator[Row]:
        for number, text in lines:
            if not text.strip():
                continue
            fields = _split(text, separator)
            if len(fields) != len(header):
                row = Row(number, f"{len(fields)} fields instead of {len(header)}")
            else:
                row = _row(number, dict(zip(header, fields, strict=True)), columns)
            if row.problem:
                _check_same_format(path, number, text, fields)
            yield row

    return columns.format, rows()


def _split(text: str, separator: str) -> list[str]:
    if '"' in text:
        return next(csv.reader([text], delimiter=separator))
    return text.rstrip("\r\n").split(separator)


def _check_same_format(path: Path, number: int, text: str, fields: list[str]) -> None:
    if text.lstrip().startswith("{"):
        raise TraceError(f"{path}, line {number}: JSON in a table; formats are mixed")
    if find_columns(fields) is not None:
        raise TraceError(f"{path}, line {number}: a second header; formats are mixed")


def _json_rows(
    path: Path, first: tuple[int, str], lines: Iterator[tuple[int, str]]
) -> tuple[str, Iterator[Row]]:
    start = _json_object(first[1])
    columns = None if start is None else find_columns(list(start), blocks="hash_ids" in start)
    if start is None or columns is None:
        raise TraceError(
            f"{path}, line {first[0]}: no timestamp, input_length and output_length in "
            f"{first[1].strip()[:80]!r}"
        )

    def rows() -> Iterator[Row]:
        yield _row(first[0], start, columns)
        for number, text in lines:
            if not text.strip():
                continue
            if not text.lstrip().startswith("{"):
                raise TraceError(f"{path}, line {number}: no JSON object; formats are mixed")
            found = _json_object(text)
            yield Row(number, "not JSON") if found is None else _row(number, found, columns)

    return columns.format, rows()


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
    if not 0.0 <= arrival < 1e12:
        return Row(number, f"arrival {arrival:g} s is negative or absurd")
    if prompt < 1 or output < 1:
        return Row(number, "no prompt or no output tokens")
    if max(prompt, output) > MOST_TOKENS:
        return Row(number, f"more than {MOST_TOKENS:,} tokens")
    return Row(number, "", arrival, prompt, output, cached, blocks)


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    number = float(value)
    if number != int(number):
        raise ValueError(value)
    return int(number)
