"""Recognising the format of a list, reading it, and keeping one row per offer."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from catalog.catalog import Catalog
from catalog.delimited import parse_rows, read_rows
from catalog.errors import CatalogError
from catalog.importers import gpuhunt, price_list, quotes, skypilot
from catalog.importers.cells import Cells, price, whole
from catalog.importers.rejected import Rejected, Rejection
from catalog.importers.resolve import resolve_accelerator
from catalog.importers.usable import day, usable_in
from catalog.tables import TABLES

Reader = Callable[[Cells, Catalog, str | None], Iterator[dict[str, object]]]


class Imported(NamedTuple):
    """Rows of the offers table, what was not used, and the format that was read."""

    rows: list[dict[str, object]]
    rejected: list[Rejected]
    format: str


def _as_is(cells: Cells, catalog: Catalog, provider: str | None) -> Iterator[dict[str, object]]:
    unknown = set(cells) - set(TABLES["offers"].row.model_fields)
    if unknown:
        raise Rejection(f"not columns of offers: {', '.join(sorted(unknown))}")
    yield {
        **cells,
        "accelerator": resolve_accelerator(catalog, cells["accelerator"]),
        "node_accelerators": whole(cells, "node_accelerators"),
        "price_per_h": price(cells, "price_per_h"),
    }


_READERS: dict[str, tuple[set[str], Reader]] = {
    "gpuhunt": (gpuhunt.COLUMNS, gpuhunt.offers),
    "skypilot": (skypilot.COLUMNS, skypilot.offers),
    "list": (price_list.COLUMNS, price_list.offers),
    "offers": ({"instance_type", "node_accelerators", "price_per_h"}, _as_is),
    "quotes": (set(), quotes.offers),
}
FORMATS = tuple(_READERS)


def import_offers(
    source: str,
    catalog: Catalog,
    *,
    layout: str | None = None,
    provider: str | None = None,
    date: str | None = None,
) -> Imported:
    """Offers of a file, an address, or `live:PROVIDER`.

    Parameters
    ----------
    layout
        One of `FORMATS`; None recognises it by the columns.
    provider
        Seller, where the list does not name one.
    date
        Day of the prices (ISO), where the list does not name one.
    """
    date = _day_of(source, date)
    lines = list(_lines(source))
    if not lines:
        raise CatalogError("holds no rows", file=source)
    columns = {name for _, cells in lines[:100] for name in cells}
    chosen = layout or next(name for name, (needed, _) in _READERS.items() if needed <= columns)
    best, rejected = _read(lines, _READERS[chosen][1], catalog, source, provider, date)
    if not best:
        first = rejected[0]
        raise CatalogError(
            f"no row can be used; the first: {first.reason}",
            file=source,
            row=first.row,
            hint=f"read as {chosen}; formats: {', '.join(FORMATS)}",
        )
    return Imported(list(best.values()), rejected, chosen)


def _read(
    lines: Iterable[tuple[int, dict[str, str]]],
    reader: Reader,
    catalog: Catalog,
    source: str,
    provider: str | None,
    date: str | None,
) -> tuple[dict[tuple[str, ...], dict[str, object]], list[Rejected]]:
    """The cheapest row of each offer by its key, and the rows that are not used."""
    check = usable_in(catalog)
    best: dict[tuple[str, ...], dict[str, object]] = {}
    rejected: list[Rejected] = []
    for number, cells in lines:
        try:
            for row in reader(cells, catalog, provider):
                dressed = _dressed(row, source, date)
                check(dressed)
                _keep_cheapest(best, dressed)
        except Rejection as reason:
            rejected.append(Rejected(number, str(reason)))
        except KeyError as missing:
            rejected.append(Rejected(number, f"no column {missing}"))
    return best, rejected


def _day_of(source: str, date: str | None) -> str | None:
    """The day that was given; of live prices, today."""
    if not date:
        return datetime.date.today().isoformat() if source.startswith("live:") else None
    try:
        return day(date)
    except Rejection as reason:
        raise CatalogError(f"--date: {reason}") from None


def _lines(source: str) -> Iterable[tuple[int, dict[str, str]]]:
    if source.startswith("live:"):
        from catalog.importers.live import live_rows

        return live_rows(source.removeprefix("live:"))
    if source.startswith(("https://", "http://")):
        from catalog.importers.fetch import fetch_text

        return parse_rows(fetch_text(source), file=source)
    path = Path(source)
    if path.suffix.casefold() in (".xlsx", ".xlsm"):
        from catalog.importers.spreadsheet import read_sheet

        return read_sheet(path)
    return read_rows(path)


def _dressed(row: Mapping[str, object], source: str, date: str | None) -> dict[str, object]:
    dressed = {name: value for name, value in row.items() if value not in (None, "")}
    if date:
        dressed.setdefault("date", date)
    if "date" in dressed:
        dressed["date"] = day(str(dressed["date"]))
    dressed.setdefault("source", source)
    return dressed


def _keep_cheapest(best: dict[tuple[str, ...], dict[str, object]], row: dict[str, object]) -> None:
    key = TABLES["offers"].key_of(row)
    held = best.get(key)
    if held is None or float(str(row["price_per_h"])) < float(str(held["price_per_h"])):
        best[key] = row
