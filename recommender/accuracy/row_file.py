"""Read measurement files row by row in bounded memory; a broken row does not stop the others."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.accuracy.measurement import COLUMNS
from recommender.errors import SpecError

LARGEST_FIELD = 1 << 20
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
    try:
        file = path.open(newline="", encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from None
    with file:
        reader = csv.reader(file)
        header = _header(path, reader)
        yield header, _rows(header, reader)


def _header(path: Path, reader: Iterator[list[str]]) -> list[str]:
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise SpecError(f"{path}: {error}") from None
    if not header:
        raise SpecError(f"{path} is empty; expected the columns {','.join(COLUMNS)}")
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise SpecError(
            f"{path} is not in the measurement format: no column {', '.join(missing)};"
            f" expected {','.join(COLUMNS)}"
        )
    return header


def _rows(header: list[str], reader: Iterator[list[str]]) -> Iterator[tuple[Record, str]]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield dict.fromkeys(header, ""), str(error)
            continue
        if not cells:
            continue
        record = dict(zip(header, cells, strict=False))
        yield record, _problem(header, cells)


def _problem(header: list[str], cells: list[str]) -> str:
    if len(cells) != len(header):
        return f"{len(cells)} cells under {len(header)} columns"
    if any("\ufffd" in cell or "\x00" in cell for cell in cells):
        return "not UTF-8 text"
    return ""
