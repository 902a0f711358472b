"""Reading single cells of a foreign list: numbers, money, flags."""

import re
from collections.abc import Mapping

from catalog.importers.rejected import Rejection

Cells = Mapping[str, str]
HOURS_PER_MONTH = 730.0
HOURS_PER_YEAR = 8760.0
_NUMBER = re.compile(r"[-+]?\d(?:[\d.,_' ]*\d)?(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(?:,\d{3})+$")
_CURRENCIES = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "CHF": "CHF"}
_PER_HOUR = {"h": 1.0, "hr": 1.0, "hour": 1.0, "mo": HOURS_PER_MONTH, "month": HOURS_PER_MONTH}
_PER_HOUR |= {"yr": HOURS_PER_YEAR, "year": HOURS_PER_YEAR}


def number(cells: Cells, column: str) -> float | None:
    """A number of a cell; None when it is empty; Rejection when it is text."""
    text = cells.get(column, "").strip()
    if not text:
        return None
    found = _NUMBER.search(text)
    if found is None:
        raise Rejection(f"{column} is not a number: {text!r}")
    try:
        return float(_plain(re.sub(r"[_' ]", "", found[0])))
    except ValueError:
        raise Rejection(f"{column} is not a number: {text!r}") from None


def _plain(digits: str) -> str:
    """Digits with a decimal point: of comma and point the last is decimal; 1,900 is thousands."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma > point and not _THOUSANDS.match(digits):
        return digits.replace(".", "").replace(",", ".")
    return digits.replace(",", "")


def required(cells: Cells, column: str) -> float:
    """A number that must be there."""
    value = number(cells, column)
    if value is None:
        raise Rejection(f"{column} is empty")
    return value


def price(cells: Cells, column: str) -> float:
    """A positive price; Rejection for nothing, zero or less."""
    value = required(cells, column)
    if value <= 0:
        raise Rejection(f"{column} is {value:g}: not a price")
    return value


def whole(cells: Cells, column: str) -> int:
    """A whole number of at least 1."""
    value = required(cells, column)
    if value != int(value) or value < 1:
        raise Rejection(f"{column} is {value:g}: a fraction of an accelerator, or none")
    return int(value)


def flag(cells: Cells, column: str) -> bool:
    """Whether a cell says yes."""
    return cells.get(column, "").strip().casefold() in ("true", "1", "yes", "y", "spot")


def currency(text: str) -> str | None:
    """Currency that a price is written in."""
    code = re.search(r"\b(USD|EUR|GBP|CNY|CHF|JPY|INR|AUD|CAD|SEK|NOK|DKK|PLN)\b", text.upper())
    if code:
        return code[1]
    return next((name for sign, name in _CURRENCIES.items() if sign in text), None)


def hours(text: str) -> float | None:
    """Hours that a price is for: `$2/h` 1, `€900/month` 730."""
    found = re.search(r"(?:/|per\s+)\s*(?:gpu-?)?(h|hr|hour|mo|month|yr|year)s?\b", text.casefold())
    return _PER_HOUR[found[1]] if found else None
