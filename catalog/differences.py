"""What differs between two catalogues: rows added, removed, and columns changed."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from catalog.catalog import Catalog
from catalog.schema import Row


class Difference(NamedTuple):
    """One row or column that differs; old or new is None when there is none."""

    kind: Literal["added", "removed", "changed"]
    table: str
    key: str
    column: str | None
    old: object
    new: object


def tables_of(catalog: Catalog) -> dict[str, Mapping[Any, Row]]:
    """Every table as a mapping from key to row."""
    return {
        "accelerators": catalog.accelerators,
        "offers": catalog.offers,
        "models": catalog.models,
        "checkpoints": {(r.model, r.precision, r.checkpoint): r for r in catalog.checkpoints},
        "precisions": catalog.precisions,
        "engines": catalog.engines,
        "workloads": catalog.workloads,
        "chassis": catalog.chassis,
        "support": catalog.support_rows,
        "kv_support": catalog.kv_support_rows,
        "mig_profiles": {(r.accelerator, r.profile): r for r in catalog.mig_profiles},
        "quality_losses": {
            (r.precision, r.family, r.model, r.method, r.benchmark): r
            for r in catalog.quality_losses
        },
        "exchange_rates": catalog.exchange_rates,
        "facts": catalog.facts,
    }


def key_text(key: object) -> str:
    """A key as people read it."""
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def differences(old: Catalog, new: Catalog) -> Iterator[Difference]:
    """Everything that differs, table by table."""
    before, after = tables_of(old), tables_of(new)
    for table, rows in after.items():
        for key, row in rows.items():
            held = before[table].get(key)
            if held is None:
                yield Difference("added", table, key_text(key), None, None, row)
            elif held != row:
                yield from _columns(table, key_text(key), held, row)
        for key, row in before[table].items():
            if key not in rows:
                yield Difference("removed", table, key_text(key), None, row, None)


def _columns(table: str, key: str, old: Row, new: Row) -> Iterator[Difference]:
    for column in type(new).model_fields:
        was, is_now = getattr(old, column), getattr(new, column)
        if was != is_now:
            yield Difference("changed", table, key, column, was, is_now)
