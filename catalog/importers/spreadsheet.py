"""The first sheet of an XLSX file, with the standard library only (a zip of XML)."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from catalog.delimited import MAX_ROWS
from catalog.errors import CatalogError

MAX_PART_BYTES = 200_000_000
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = "xl/worksheets/sheet1.xml"


def read_sheet(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows as (row number, cells that are not empty), columns named by the first row."""
    try:
        with zipfile.ZipFile(path) as archive:
            strings = _shared_strings(archive)
            grid = _grid(_part(archive, _SHEET), strings)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, OSError) as error:
        raise CatalogError(
            f"is not an XLSX file: {error}", file=str(path), hint="save it as .xlsx or .csv"
        ) from error
    if not grid:
        raise CatalogError("its first sheet is empty", file=str(path))
    (_, header), *rows = grid
    return [
        (
            number,
            {header[at].strip(): text for at, text in cells.items() if header.get(at) and text},
        )
        for number, cells in rows
        if cells
    ]


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MAX_PART_BYTES:
        raise KeyError(f"{name} is larger than {MAX_PART_BYTES // 10**6} MB")
    return archive.read(name)


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ElementTree.fromstring(_part(archive, "xl/sharedStrings.xml"))
    return ["".join(text.text or "" for text in item.iter(f"{_NS}t")) for item in root]


def _grid(xml: bytes, strings: list[str]) -> list[tuple[int, dict[str, str]]]:
    rows = []
    for order, row in enumerate(ElementTree.fromstring(xml).iter(f"{_NS}row"), 1):
        if order > MAX_ROWS:
            raise KeyError(f"more than {MAX_ROWS:,} rows")
        cells = {}
        for place, cell in enumerate(row.iter(f"{_NS}c")):
            column = re.sub(r"\d", "", cell.get("r", "")) or str(place)
            cells[column] = _text(cell, strings).strip()
        rows.append((int(row.get("r", order)), {k: v for k, v in cells.items() if v}))
    return rows


def _text(cell: ElementTree.Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_NS}t"))
    value = cell.findtext(f"{_NS}v") or ""
    return strings[int(value)] if cell.get("t") == "s" and value else value
