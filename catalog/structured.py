"""Overlays as YAML: a mapping from table to a list of rows.

    offers:
      - {provider: us, instance_type: hgx-1, accelerator: H100 80GB SXM5,
         node_accelerators: 8, price_per_h: 9.5, terms: owned, stock: 4}

Only plain data is read (yaml.safe_load): nothing in the file is ever executed.
"""

from typing import Any

from catalog.errors import CatalogError, did_you_mean
from catalog.tables import TABLES

DEEPEST = 20


def read_tables(text: str, *, file: str) -> dict[str, list[tuple[int, dict[str, object]]]]:
    """Rows by table; the row number counts within its table."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):  # C would overflow its stack while it loads
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise CatalogError("is nested too deeply for tables of rows", file=file)
        content = yaml.load(text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # ValueError: no such day
        raise CatalogError(f"is not YAML: {error}", file=file) from error
    if not isinstance(content, dict):
        raise CatalogError("is not a mapping from table to rows", file=file)
    return {_table(name, file): _rows(rows, str(name), file) for name, rows in content.items()}


def _table(name: object, file: str) -> str:
    if name not in TABLES:
        hint = did_you_mean(str(name), TABLES) or "tables: " + ", ".join(TABLES)
        raise CatalogError(f"unknown table {name!r}", file=file, hint=hint)
    return str(name)


def _rows(rows: Any, name: str, file: str) -> list[tuple[int, dict[str, object]]]:
    if not isinstance(rows, list):
        raise CatalogError(f"{name} is not a list of rows", file=file)
    read: list[tuple[int, dict[str, object]]] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise CatalogError("is not a mapping", file=file, row=number, column=name)
        read.append((number, {str(k): v for k, v in row.items() if v is not None}))
    return read
