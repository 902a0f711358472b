"""Read measurement files row by row in bounded memory; a broken row does not stop the others."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import did_you_mean
from recommender.accuracy.bounded_lines import BoundedLines
from recommender.accuracy.file_kind import LONGEST_START, no_header, no_text, shorten, shown
from recommender.accuracy.measurement import COLUMNS
from recommender.errors import SpecError

if TYPE_CHECKING:
    from _csv import Reader

LARGEST_FIELD = 1 << 20
LONGEST_QUOTED, MOST_NAMED = 40, 5
"""Characters of a cell, and columns, in a message."""
LONGEST_NAME, MOST_NAMES = 300, 1000
"""Of a file that is not there, and files beside it that may be meant."""
MOST_COLUMNS = 16_384
"""As many as spreadsheets have."""
CELL_CHARACTERS = 64
"""What a cell takes beside its text, in characters: thousands of blank ones fill a memory, too."""
REQUIRED = ("kind", "model", "gpu", "metric", "unit")
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
        file = path.open("rb")
        start = file.peek(LONGEST_START)[:LONGEST_START]
    except OSError as error:
        raise SpecError(_unopened(path, error)) from None
    if problem := no_text(start):
        file.close()
        raise SpecError(_no_table(path, problem))
    with io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="") as text:
        lines = BoundedLines(path, text)
        reader = csv.reader(lines, strict=True)
        header = _header(path, reader)
        yield header, _rows(header, reader, lines)


def size_of(record: Mapping[str, str]) -> int:
    """What a row takes of the memory, in characters."""
    return sum(map(len, record.values())) + CELL_CHARACTERS * len(record)


def unread_columns(header: Iterable[str], *, besides: Iterable[str] = ()) -> str:
    """What to say of columns that are none of the format, nor `besides`; blank where all are.

    Misspelled ones would be blank without a word: `precision` for `precision_weights`.
    """
    strangers = [name for name in header if name and name not in {*COLUMNS, *besides}]
    shortened = [shown(name) for name in strangers[:MOST_NAMED]]
    hints = ((name, did_you_mean(name, COLUMNS)) for name in shortened)
    named = [name + (f" ({hint})" if hint else "") for name, hint in hints]
    more = len(strangers) - len(named)
    named += [f"{more} more"] if more else []
    return f"columns that are not read: {', '.join(named)}" if named else ""


def _unopened(path: Path, error: OSError) -> str:
    """Why a file cannot be opened, and which one may be meant."""
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder; name a file in it"
    near = did_you_mean(path.name, _names_beside(path)) if len(path.name) < LONGEST_NAME else ""
    missing = isinstance(error, FileNotFoundError) and near
    return f"{path}: {error.strerror}{f'; {near}' if missing else ''}"


def _names_beside(path: Path) -> list[str]:
    try:
        return [one.name for one in islice(path.parent.iterdir(), MOST_NAMES)]
    except OSError:
        return []


def _header(path: Path, reader: "Reader") -> list[str]:
    try:
        cells = next((cells for cells in reader if cells), [])
    except csv.Error as error:
        raise SpecError(_no_table(path, f"its first line cannot be read: {error}")) from None
    if not cells:
        raise SpecError(f"{path} is empty; expected the columns {','.join(COLUMNS)}")
    if len(cells) > MOST_COLUMNS:
        raise SpecError(f"{path} has {len(cells):,} columns; at most {MOST_COLUMNS:,} are read")
    header = [name.strip().lstrip("\ufeff") for name in cells]
    if any(name not in header for name in REQUIRED):
        raise SpecError(_no_table(path, no_header(header, required=REQUIRED, known=COLUMNS)))
    twice = [name for name, count in Counter(header).items() if name and count > 1]
    if twice:
        raise SpecError(f"{path}: column {shown(twice[0])} is there twice")
    return header


def _no_table(path: Path, problem: str) -> str:
    return f"{path} is not in the measurement format: {problem}; expected {','.join(COLUMNS)}"


def _rows(header: list[str], reader: "Reader", lines: BoundedLines) -> Iterator[tuple[Record, str]]:
    while True:
        before = lines.number
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield dict.fromkeys(header, ""), _broken(before + 1, lines.number, error)
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
    if cells == header:
        return "the header once more, as where files are put together"
    if len(cells) != len(header):
        return f"{len(cells)} cells under {len(header)} columns"
    if any("\ufffd" in cell or "\x00" in cell for cell in cells):
        pairs = zip(header, cells, strict=True)
        return next(filter(None, (_no_text_in(name, cell) for name, cell in pairs)))
    return ""


def _no_text_in(name: str, cell: str) -> str:
    if "\x00" in cell:
        return f"not UTF-8 text: {shown(name)} holds a NUL character"
    if "\ufffd" in cell:
        return f"not UTF-8 text: {shown(name)} {shorten(cell, LONGEST_QUOTED)!r}; save it as UTF-8"
    return ""
