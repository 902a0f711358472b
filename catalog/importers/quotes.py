"""Quotes in common words: a GPU, how many, a price per hour, month or year.

A price may carry its currency and period (`€1,900/month`); a column named for a month or a year
is divided by 730 or 8,760 hours. A price per GPU is multiplied by the GPUs of the node.
"""

from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.importers.cells import (
    HOURS_PER_MONTH,
    HOURS_PER_YEAR,
    Cells,
    currency,
    hours,
    number,
    price,
)
from catalog.importers.rejected import Rejection
from catalog.importers.resolve import resolve_accelerator

_WORDS = {
    "gpu": ("gpu", "accelerator", "gpu model", "gpu type", "card", "gpu name"),
    "count": ("count", "gpus", "gpu count", "quantity", "gpus per node", "node_accelerators"),
    "memory": ("memory", "gpu memory", "vram", "memory gb", "gpu_mem_gb"),
    "name": ("instance", "instance type", "instance_type", "name", "sku", "product", "server"),
    "provider": ("provider", "vendor", "seller", "supplier", "cloud"),
    "region": ("region", "location", "site", "datacenter", "data center"),
    "stock": ("stock", "available", "availability", "nodes", "max nodes"),
    "currency": ("currency",),
    "date": ("date", "quoted", "valid from"),
}
_PRICES = {
    # words: hours that the price is for, and whether it is of one accelerator
    ("price", "cost", "rate", "price per hour", "price_per_h", "$/h", "hourly", "usd/h"): (
        1.0,
        False,
    ),
    ("price per gpu hour", "price per gpu-hour", "$/gpu-h", "per gpu", "$/gpu/h"): (1.0, True),
    ("price per month", "monthly", "$/mo", "$/month", "price/month"): (HOURS_PER_MONTH, False),
    ("price per year", "yearly", "annual", "$/yr", "price/year"): (HOURS_PER_YEAR, False),
}


def offers(cells: Cells, catalog: Catalog, provider: str | None) -> Iterator[dict[str, object]]:
    """The offer of a quote."""
    folded = {name.strip().casefold(): text for name, text in cells.items()}
    spelling = _word(folded, "gpu")
    if spelling is None:
        raise Rejection(f"no column says which GPU; name it {', '.join(_WORDS['gpu'][:3])}")
    count = _count(folded)
    memory = number({"memory": _word(folded, "memory") or ""}, "memory")
    accelerator = resolve_accelerator(catalog, spelling, memory)
    value, code = _price(folded, count)
    row: dict[str, object] = {
        "provider": _word(folded, "provider") or provider or "quote",
        "instance_type": _word(folded, "name") or f"{count}x {spelling}",
        "region": _word(folded, "region") or "unspecified",
        "terms": "on_demand",
        "kind": "quote",
        "accelerator": accelerator,
        "node_accelerators": count,
        "price_per_h": value,
        "currency": _word(folded, "currency") or code or "USD",
        "date": _word(folded, "date"),
    }
    stock = _word(folded, "stock")
    if stock and stock.isdigit():
        row["stock"] = int(stock)
    elif stock and any(sign.isdigit() for sign in stock):  # a word such as `yes` says no number
        raise Rejection(f"the stock is {stock!r}: a whole number of nodes is wanted")
    yield row


def _word(folded: Cells, meaning: str) -> str | None:
    for name in _WORDS[meaning]:
        if folded.get(name):
            return folded[name].strip()
    return None


def _count(folded: Cells) -> int:
    text = _word(folded, "count")
    if text is None:
        return 1
    if not text.isdigit() or int(text) < 1:
        raise Rejection(f"the number of GPUs is {text!r}")
    return int(text)


def _price(folded: Cells, count: int) -> tuple[float, str | None]:
    """Price of the node per hour, and its currency when the cell names one."""
    for words, (period, per_accelerator) in _PRICES.items():
        for name in words:
            text = folded.get(name)
            if text:
                each = count if per_accelerator or "gpu-h" in text.casefold() else 1
                value = price(folded, name) / (hours(text) or period) * each
                return value, currency(text)
    words_of = "price, price per gpu hour, monthly, yearly"
    raise Rejection(f"no column says the price; name it {words_of}")
