"""From text cells to frozen rows; a bad cell becomes a CatalogError that names its place."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from catalog.column_words import column_words
from catalog.errors import CatalogError, did_you_mean
from catalog.schema import Row
from catalog.tables import Table

Place = tuple[str, int]
"""File and row."""


@cache
def _adapter(row: type[Row]) -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[row])  # type: ignore[valid-type]


@cache
def _lists(row: type[Row]) -> tuple[str, ...]:
    return tuple(name for name in row.model_fields if name == "aliases")


def validate(
    table: Table, rows: Sequence[Mapping[str, object]], places: Sequence[Place]
) -> list[Any]:
    """Rows of a table; `places` says where each came from."""
    prepared = [_split_lists(table, row) for row in rows]
    try:
        return _adapter(table.row).validate_python(prepared)
    except ValidationError as error:
        raise _readable(table, error, prepared, places) from None


def _split_lists(table: Table, row: Mapping[str, object]) -> dict[str, object]:
    cells = dict(row)
    for column in _lists(table.row):
        value = cells.get(column)
        if isinstance(value, str):
            cells[column] = tuple(part.strip() for part in value.split(";") if part.strip())
    return cells


def _readable(
    table: Table,
    error: ValidationError,
    rows: Sequence[Mapping[str, object]],
    places: Sequence[Place],
) -> CatalogError:
    first = error.errors()[0]
    index, *rest = first["loc"]
    column = str(rest[0]) if rest else None
    file, row = places[int(index)]
    others = error.error_count() - 1
    more = f" ({others} more)" if others else ""
    columns = table.row.model_fields
    if first["type"] == "missing":
        return CatalogError(
            "is missing" + more, file=file, row=row, column=column, hint=_wanted(table, column)
        )
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(column or "", columns) or "columns: " + ", ".join(columns)
        return CatalogError(
            "is not a column of " + table.name + more, file=file, row=row, column=column, hint=hint
        )
    value = rows[int(index)].get(column or "")
    reason = first["msg"][0].lower() + first["msg"][1:]
    return CatalogError(
        f"{value!r}: {reason}{more}", file=file, row=row, column=column, hint=_wanted(table, column)
    )


def _wanted(table: Table, column: str | None) -> str | None:
    field = table.row.model_fields.get(column or "")
    if field is None:
        return None
    return f"{table.name}.{column} is {column_words(field.annotation)}"
