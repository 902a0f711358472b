"""Writing rows as CSV or JSON, so that an export can be imported as an overlay."""

import csv
import io
import json
from collections.abc import Iterable, Mapping

from catalog.schema import Row


def cells_of(row: Row) -> dict[str, object]:
    """Columns of a row that are filled, as plain data."""
    return {name: value for name, value in row.model_dump(mode="json").items() if value is not None}


def to_json(rows: Iterable[Row]) -> str:
    """Rows as a JSON list."""
    return json.dumps([row.model_dump(mode="json") for row in rows], indent=1) + "\n"


def to_csv(rows: Iterable[Row | Mapping[str, object]]) -> str:
    """Rows as CSV with the columns that any of them fills; lists are joined with `;`."""
    plain = [cells_of(row) if isinstance(row, Row) else dict(row) for row in rows]
    columns = list(dict.fromkeys(name for row in plain for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in plain)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return ";".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else value
