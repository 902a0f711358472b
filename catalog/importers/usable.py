"""Whether an offer of a foreign list can be used here, and its day in the one form."""

import datetime
import re
from collections.abc import Callable, Mapping

from catalog.catalog import Catalog
from catalog.errors import CatalogError
from catalog.finish import OfferFinisher, Unusable
from catalog.importers.rejected import Rejection
from catalog.nameplate import nameplate
from catalog.schema import Accelerator
from catalog.tables import TABLES
from catalog.validation import validate

_SHEET_EPOCH = datetime.date(1899, 12, 30)
"""Day 0 of spreadsheets."""
_SHEET_DAY = re.compile(r"^[2-9]\d{4}(\.\d+)?$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")


def day(text: str) -> str:
    """A day as 2026-11-21, from that, 2026/11/21, 21.11.2026 or a spreadsheet's number."""
    text = text.strip()
    try:
        if _SHEET_DAY.match(text):
            return (_SHEET_EPOCH + datetime.timedelta(days=int(float(text)))).isoformat()
        if found := _ISO.match(text):
            return datetime.date(*(int(part) for part in found.groups())).isoformat()
        if found := _DOTTED.match(text):
            date, month, year = (int(part) for part in found.groups())
            return datetime.date(year, month, date).isoformat()
    except ValueError as error:
        raise Rejection(f"{text!r} is no day: {error}") from None
    raise Rejection(f"{text!r} is not a day; write it as 2026-11-21")


def usable_in(catalog: Catalog) -> Callable[[Mapping[str, object]], None]:
    """A check that raises Rejection for an offer that an overlay on this catalogue could not hold:
    a row that it would refuse makes an overlay of a thousand good ones useless.
    """
    finisher = OfferFinisher(
        {name.casefold(): row for row in catalog.accelerators.values() for name in _names(row)},
        tuple(catalog.chassis.values()),
        {rate.currency.casefold(): rate for rate in catalog.exchange_rates.values()},
        catalog.as_of,
    )

    def check(row: Mapping[str, object]) -> None:
        _check_power_and_currency(row, catalog)
        quote: dict[str, object] = {"kind": "quote", **row}
        try:
            validate(TABLES["offers"], [finisher.finish(quote)], [("", 0)])
        except Unusable as unusable:
            raise Rejection(f"{unusable.column}: {unusable.reason}") from None
        except CatalogError as error:
            raise Rejection(f"{error.column}: {error.problem}") from None

    return check


def _names(row: Accelerator) -> tuple[str, ...]:
    return (*row.aliases, row.name)


def _check_power_and_currency(row: Mapping[str, object], catalog: Catalog) -> None:
    currency = str(row.get("currency") or "USD")
    if currency.casefold() not in (known.casefold() for known in catalog.exchange_rates):
        raise Rejection(f"no exchange rate for {currency}: add one in an overlay")
    accelerator = catalog.accelerators[str(row["accelerator"])]
    count = int(str(row["node_accelerators"]))
    if "nameplate_power_w" not in row and (
        nameplate(accelerator, count, catalog.chassis.values()) is None
    ):
        raise Rejection(
            f"no power figure is published for {accelerator.name}: fill nameplate_power_w"
        )
