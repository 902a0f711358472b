"""All rows that measurement names are resolved against: the catalogue's and those kept for it.

`catalog/data/calibration/measured_models.csv` and `measured_accelerators.csv` hold models and
accelerators that published measurements use but that nobody would plan with; most of their
figures are recalled and say so. Rows of an overlay go before both.
"""

import csv
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

import catalog
from catalog import Catalog
from catalog.calibration import FOLDER
from catalog.schema import Accelerator, LanguageModel, Precision, Support
from recommender.accuracy.accelerator_names import resolve_accelerator
from recommender.accuracy.model_names import index_models
from recommender.accuracy.names import Names, OwnRows, folded

Item = TypeVar("Item")


@cache
def known_names() -> Names:
    """Names of the shipped catalogue and of the rows beside it."""
    return names_of(catalog.load())


def names_of(facts: Catalog) -> Names:
    """Names of a catalogue, with the overlays that it was loaded with, and of the rows beside it.

    An added accelerator whose name has no word of a chip (`SXM custom`) is found as it is written
    only: by its words it would be any other.
    """
    own = own_rows(facts)
    beside = [LanguageModel.model_validate(row) for row in _rows("measured_models.csv")]
    others = [Accelerator.model_validate(row) for row in _rows("measured_accelerators.csv")]
    wordless = {
        row.name for row in own.accelerators.values() if resolve_accelerator("", [row]) is not None
    }
    accelerators = {n: row for n, row in facts.accelerators.items() if n not in wordless}
    for row in others:
        accelerators.setdefault(row.name, row)
    added = {row.id for row in own.models.values()}
    before = [row for row in facts.models.values() if row.id not in added]
    models = index_models(row for row in facts.models.values() if row.id in added)
    models |= index_models([*before, *beside])
    return Names(accelerators, models, own, support=_support_of(facts))


def _support_of(facts: Catalog) -> dict[tuple[str, str], dict[str, Support]]:
    """Rows of support by engine and architecture, then by precision."""
    table: dict[tuple[str, str], dict[str, Support]] = {}
    for (engine, architecture, precision), row in facts.support_rows.items():
        table.setdefault((engine, architecture), {})[precision] = row
    return table


def own_rows(facts: Catalog) -> OwnRows:
    """Rows that overlays add, by the names by which plans find them; engines and precisions also
    where they are changed.
    """
    shipped = catalog.load()
    known = {folded(name): row for name, row in shipped.engines.items()}
    engines = {folded(name): row for name, row in facts.engines.items()}
    formats = {name: row for name, row in facts.precisions.items() if _is_own(row, shipped)}
    accelerators = _by_name(facts.accelerators.values(), lambda row: (row.name, *row.aliases))
    models = _by_name(facts.models.values(), lambda row: (row.id.rsplit("/")[-1],))
    models |= _by_name(facts.models.values(), lambda row: (row.id, *row.aliases))
    there = {folded(name) for name in (*shipped.accelerators, *shipped.models)}
    return OwnRows(
        accelerators={n: row for n, row in accelerators.items() if folded(row.name) not in there},
        models={n: row for n, row in models.items() if folded(row.id) not in there},
        engines={n: row for n, row in engines.items() if n not in known},
        changed_engines={n: row for n, row in engines.items() if n in known and row != known[n]},
        precisions=_by_name(formats.values(), lambda row: (row.name, *row.aliases)),
        support={
            (folded(engine), architecture, name): row
            for (engine, architecture, name), row in facts.support_rows.items()
            if name in formats
        },
    )


def _is_own(row: Precision, shipped: Catalog) -> bool:
    """Whether a format is not as shipped."""
    return shipped.precisions.get(row.name) != row


def _by_name(rows: Iterable[Item], names: Callable[[Item], Iterable[str]]) -> dict[str, Item]:
    """Rows by name; the first of those that share one, as in `Catalog`."""
    table: dict[str, Item] = {}
    for row in rows:
        for name in names(row):
            table.setdefault(folded(name), row)
    return table


def _rows(file_name: str) -> list[dict[str, Any]]:
    with (FOLDER / file_name).open(newline="", encoding="utf-8") as file:
        records = [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]
    return [{**row, "aliases": tuple(row.get("aliases", "").split(";"))} for row in records]
