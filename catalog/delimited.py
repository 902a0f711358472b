"""Reading delimited text as people save it: BOM, CRLF, semicolons, tabs, decimal commas.

The separator is the one of comma, semicolon and tab that occurs most in the header line.
With semicolons or tabs a number such as `1.234,5` or `2,49` has a decimal comma.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import CatalogError

if TYPE_CHECKING:
    from _csv import Reader

MAX_ROWS = 200_000
"""More rows than any price list needs; a larger file is a mistake and would fill the memory."""

MAX_BYTES = 100_000_000

_DECIMAL_COMMA = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$|^[+-]?\d+,\d+$")


def read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows of a file as (line number, cells that are not empty).

    Raises CatalogError for text that is not UTF-8, a missing header, too many cells or rows.
    """
    return list(parse_rows(decode(path), file=str(path)))


def decode(path: Path) -> str:
    """Text of a UTF-8 file, with or without byte-order mark."""
    try:
        with path.open("rb") as file:  # a device has no size, and no end
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise CatalogError(f"is larger than {MAX_BYTES // 10**6} MB", file=str(path))
        return content.decode("utf-8-sig")
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise CatalogError(
            f"byte {error.start} is not UTF-8", file=str(path), hint="save the file as UTF-8"
        ) from error


def parse_rows(text: str, *, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of delimited text; see `read_rows`."""
    if text.count("\n") > 2 * MAX_ROWS:  # said at once, before any row is read
        raise _too_long(file)
    separator = _separator(text.split("\n", 1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except StopIteration:
        raise CatalogError("is empty", file=file, hint="the first line names the columns") from None
    except csv.Error as error:
        raise CatalogError(str(error), file=file, row=1) from error
    _check_header(header, file=file)
    for count, (line, cells) in enumerate(_lines(reader, file=file)):
        if count >= MAX_ROWS:
            raise _too_long(file)
        if len(cells) > len(header):
            raise CatalogError(
                f"has {len(cells)} cells, the header {len(header)}",
                file=file,
                row=line,
                hint=f"quote cells that contain {separator!r}",
            )
        filled = zip(header, (cell.strip() for cell in cells), strict=False)
        row = {name: _number(cell, separator) for name, cell in filled if cell}
        if row:
            yield line, row


def _too_long(file: str) -> CatalogError:
    return CatalogError(
        f"has more than {MAX_ROWS:,} rows", file=file, hint="keep the rows that matter"
    )


def _lines(reader: "Reader", *, file: str) -> Iterator[tuple[int, list[str]]]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CatalogError(str(error), file=file, row=reader.line_num) from error
        yield reader.line_num, cells


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)


def _number(cell: str, separator: str) -> str:
    if separator != "," and _DECIMAL_COMMA.match(cell):
        return cell.replace(".", "").replace(",", ".")
    return cell


def _check_header(header: list[str], *, file: str) -> None:
    for name in header:
        if not name:
            raise CatalogError("a column has no name", file=file, row=1)
        if header.count(name) > 1:
            raise CatalogError("occurs twice", file=file, row=1, column=name)
