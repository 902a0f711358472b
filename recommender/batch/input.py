"""Specs of a batch: CSV tables and YAML or JSON files, read row by row.

Columns and keys are named like the flags, with `_` or `-`, plus `name`; without one a spec is
called after its file and its number there. A YAML file holds one spec, a list of them, or several
documents. A row that cannot be read is an item with an error; the others go on.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from recommender.errors import RecommenderError, SpecError
from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec
from recommender.request.spec_list import read_spec_list

MOST_ITEMS = 200_000
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a batch: a spec, or the reason why it is none."""

    name: str
    spec: Spec | None
    error: str = ""


def read_items(paths: Sequence[Path], defaults: dict[str, Any]) -> list[Item]:
    """All items in order, with unique names.

    Raises
    ------
    SpecError
        A file cannot be opened at all, has no header, or there are too many rows.
    """
    items: list[Item] = []
    for path in paths:
        rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _yaml_rows(path)
        for name, raw in rows:
            items.append(_item(name, raw, defaults))
            if len(items) > MOST_ITEMS:
                raise SpecError(f"{path} has more than {MOST_ITEMS:,} rows; split it")
    if not items:
        raise SpecError("there is no spec in the given files")
    return _named_apart(items)


def _item(name: str, raw: dict[str, Any] | RecommenderError, defaults: dict[str, Any]) -> Item:
    if isinstance(raw, RecommenderError):
        return Item(name, None, str(raw))
    try:
        return Item(name, make_spec(defaults | raw))
    except RecommenderError as error:
        return Item(name, None, str(error))


def _csv_rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | RecommenderError]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, reader.fieldnames)
            for number, row in _numbered(reader):
                yield _csv_row(path, number, row)
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SpecError(f"{path} is not a readable UTF-8 CSV file: {error}") from error


def _check_header(path: Path, header: Sequence[str] | None) -> None:
    names = [name.strip().replace("-", "_") for name in header or () if name.strip()]
    if not names:
        raise SpecError(f"{path} has no header line; name the columns like the flags")
    if len(names) == 1 and (separator := next((s for s in ";\t|" if s in names[0]), None)):
        raise SpecError(f"{path} separates its columns by {separator!r}; commas are read")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise SpecError(f"{path} has the column {twice[0]} twice; keep one of them")


def _numbered(
    reader: "csv.DictReader[str]",
) -> Iterator[tuple[int, dict[str | Any, Any] | csv.Error]]:
    """Rows from 1 on; a row that is no CSV is its error, and the next line is read."""
    for number in count(1):
        try:
            yield number, next(reader)
        except csv.Error as error:
            yield number, error
        except StopIteration:
            return


def _csv_row(
    path: Path, number: int, row: dict[str | Any, Any] | csv.Error
) -> tuple[str, dict[str, Any] | RecommenderError]:
    if isinstance(row, csv.Error):
        return f"{path.stem}-{number}", SpecError(f"row {number} is not CSV: {row}")
    if None in row or None in row.values():
        given = row.get("name") or f"{path.stem}-{number}"
        return str(given), SpecError(f"row {number} has another number of cells than the header")
    raw: dict[str, Any] = {
        key.strip().replace("-", "_"): value.strip() for key, value in row.items() if value.strip()
    }
    name = str(raw.pop("name", f"{path.stem}-{number}"))
    for key in ("single", "prove", "fast"):
        if str(raw.get(key, "")).lower() in TRUE + FALSE:
            raw[key] = str(raw[key]).lower() in TRUE
    return name, raw


def _yaml_rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | RecommenderError]]:
    if path.is_dir():
        raise SpecError(f"cannot read {path}: it is a folder; name the files in it")
    if not path.exists():
        raise SpecError(f"cannot read {path}: no such file")
    specs = read_spec_list(path)
    first = next(specs, None)
    if first is None:
        yield path.stem, SpecError(f"{path} is empty; a spec is a mapping such as `model: 236b`")
        return
    second = next(specs, None)
    if second is None:
        yield first.name or path.stem, first.raw
        return
    for number, spec in enumerate(chain((first, second), specs), start=1):
        yield spec.name or f"{path.stem}-{number}", spec.raw


def _named_apart(items: list[Item]) -> list[Item]:
    """`a`, `a (2)`, ... for equal names; a name that is given as such is not taken away."""
    taken = {item.name for item in items}
    seen: set[str] = set()
    apart = []
    for item in items:
        name = item.name
        if name in seen:
            name = next(n for n in (f"{item.name} ({i})" for i in count(2)) if n not in taken)
        seen.add(name)
        taken.add(name)
        apart.append(Item(name, item.spec, item.error))
    return apart
