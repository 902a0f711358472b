"""Read measurement files row by row in bounded memory; a broken row does not stop the others."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import did_you_mean
from recommender.accuracy.measurement import COLUMNS
from recommender.errors import SpecError

if TYPE_CHECKING:
    from _csv import Reader

LARGEST_FIELD = 1 << 20
LONGEST_NAME, MOST_NAMED = 60, 5
"""Of columns in a message."""
REQUIRED = ("kind", "model", "gpu", "metric", "unit")
ARCHIVES = {"PK": "spreadsheet or zip archive", "\ufffd\x08": "gzip archive"}
OTHER_SEPARATORS = (";", "\t", "|")
Record = dict[str, str]


@contextmanager
def open_rows(path: Path) -> Iterator[tuple[list[str], Iterator[tuple[Record, str]]]]:
    """The header, and every row with the reason why it cannot be read (blank when it can).

    Raises
    ------
    SpecError
        The file cannot be opened, is empty, or lacks columns of the measurement format.
    """
    csv.field_size_limit(LARGEST_FIELD)
    if str(path) == "-":
        raise SpecError("- is no file; standard input is /dev/stdin")
    try:
        file = path.open(newline="", encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from None
    with file:
        reader = csv.reader(file, strict=True)
        header = _header(path, reader)
        yield header, _rows(header, reader)


def unread_columns(header: Iterable[str], *, besides: Iterable[str] = ()) -> str:
    """What to say of columns that are none of the format, nor `besides`; blank where all are.

    Misspelled ones would be blank without a word: `precision` for `precision_weights`.
    """
    strangers = [name for name in header if name and name not in {*COLUMNS, *besides}]
    hints = ((name, did_you_mean(name, COLUMNS)) for name in strangers[:MOST_NAMED])
    named = [shorten(name, LONGEST_NAME) + (f" ({hint})" if hint else "") for name, hint in hints]
    more = len(strangers) - len(named)
    named += [f"{more} more"] if more else []
    return f"columns that are not read: {', '.join(named)}" if named else ""


def shorten(text: str, longest: int) -> str:
    """A text without its middle if it is endless."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


def _header(path: Path, reader: "Reader") -> list[str]:
    try:
        header = [name.strip() for name in next((cells for cells in reader if cells), [])]
    except csv.Error as error:
        raise SpecError(f"{path}: {error}") from None
    if not header:
        raise SpecError(f"{path} is empty; expected the columns {','.join(COLUMNS)}")
    twice = [name for name, count in Counter(header).items() if name and count > 1]
    if twice:
        raise SpecError(f"{path}: column {twice[0]} is there twice")
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise SpecError(
            f"{path} is not in the measurement format: {_cause(header, missing)};"
            f" expected {','.join(COLUMNS)}"
        )
    return header


def _cause(header: list[str], missing: list[str]) -> str:
    """What is probably wrong with a header that lacks columns."""
    text = ",".join(header)
    archive = next((name for start, name in ARCHIVES.items() if text.startswith(start)), "")
    if archive:
        return f"it is a {archive}; unpack it, or save it as CSV"
    if text.startswith(("{", "[")):
        return (
            "it is JSON; reports of `vllm bench serve` and GuideLLM are for `recommend calibrate`"
        )
    if "\x00" in text:
        return "it is UTF-16, not UTF-8"
    other = next((sign for sign in OTHER_SEPARATORS if text.count(sign) > len(header)), "")
    if other:
        return f"cells are separated by {other!r}, not by commas"
    if set(missing) <= {name.casefold() for name in header}:
        return "columns are spelled in small letters"
    return f"no column {', '.join(missing)}"


def _rows(header: list[str], reader: "Reader") -> Iterator[tuple[Record, str]]:
    while True:
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield dict.fromkeys(header, ""), _broken(before + 1, reader.line_num, error)
            continue
        if not cells:
            continue
        record = dict(zip(header, cells, strict=False))
        yield record, _problem(header, cells)


def _broken(first: int, last: int, error: csv.Error) -> str:
    """What is wrong with a row that ends nowhere or elsewhere, and which lines it took with it."""
    lines = f"line {last}" if first >= last else f"lines {first} to {last}"
    unclosed = first < last or "unexpected end" in str(error)
    return f"{lines}: {error}{'; a quotation mark is not closed' if unclosed else ''}"


def _problem(header: list[str], cells: list[str]) -> str:
    if len(cells) != len(header):
        return f"{len(cells)} cells under {len(header)} columns"
    if any("\ufffd" in cell or "\x00" in cell for cell in cells):
        return "not UTF-8 text"
    return ""
