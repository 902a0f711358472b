"""Tables of the catalogue for people: which columns, in which words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.cache_size import kv_bytes_per_token, kv_bytes_per_token_in_window
from catalog.catalog import Catalog
from catalog.parameters import BILLION, parameters
from catalog.schema import LanguageModel, Offer, Row
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table

_BYTES_16_BIT = 2
_LAST = ("source", "verification", "read_on", "note")
"""Columns of every row, shown below its own."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "accelerators": (
        *("name", "architecture", "memory_gb", "memory_bandwidth_gb_per_s", "bf16_tflops"),
        *("fp8_tflops", "tdp_w"),
    ),
    "models": ("id", "total_params_b", "active_params_b", "attention", "native_precision"),
    "checkpoints": ("model", "precision", "checkpoint"),
    "precisions": ("name", "weight_bits", "activation_bits", "block", "note"),
    "engines": ("name", "version", "scheduler", "memory_utilisation", "verification"),
    "workloads": ("name", "burstiness", "peak_to_mean", "description", "licence"),
    "chassis": (
        *("name", "accelerator", "accelerators", "nameplate_power_w", "rack_units"),
        *("cooling", "date"),
    ),
    "support": ("engine", "architecture", "precision", "mode", "compute_format", "verification"),
    "kv_support": ("engine", "architecture", "precision", "supported", "verification"),
    "mig_profiles": ("accelerator", "profile", "instances", "verification"),
    "quality_losses": ("precision", "family", "method", "loss_pct", "benchmark", "broad"),
    "exchange_rates": ("currency", "usd_per_unit", "date", "source"),
    "facts": ("name", "value", "unit", "region", "date", "verification"),
}


_TITLES = {
    "memory_gb": "GB",
    "memory_bandwidth_gb_per_s": "GB/s",
    "bf16_tflops": "bf16 TF/s",
    "fp8_tflops": "fp8 TF/s",
    "tdp_w": "W",
    "nameplate_power_w": "W",
    "rack_units": "U",
    "memory_utilisation": "memory",
}
"""Short titles, where the unit says what it is."""


def offers_section(catalog: Catalog, offers: Sequence[Offer], limit: int) -> Section:
    """Offers, cheapest per accelerator first."""
    columns = (
        Column("offer"),
        Column("accelerators"),
        Column("memory", numeric=True),
        Column("$/h", numeric=True),
        Column("$/gpu-h", numeric=True),
        Column("terms"),
        Column("date"),
    )
    rows = tuple(
        (
            Cell(f"{o.provider}/{o.instance_type}/{o.region}"),
            Cell(f"{o.node_accelerators}x {o.accelerator}"),
            Cell(f"{catalog.accelerators[o.accelerator].memory_gb:g} GB"),
            Cell(f"{o.usd_per_h:,.2f}"),
            Cell(f"{o.usd_per_h / o.node_accelerators:,.2f}"),
            Cell(o.terms),
            Cell(_day(o)),
        )
        for o in offers[: limit or None]
    )
    return _section("offers", _count(offers, "offers"), columns, rows, len(offers) - len(rows))


def table_section(table: str, rows: Iterable[Row], limit: int) -> Section:
    """Any other table, with its telling columns."""
    held = list(rows)
    titles = COLUMNS[table]
    columns = tuple(
        Column(_TITLES.get(name, name.replace("_", " ")), numeric=_numeric(held, name))
        for name in titles
    )
    cells = tuple(
        tuple(Cell(shown(getattr(row, title))) for title in titles) for row in held[: limit or None]
    )
    return _section(table, _count(held, table), columns, cells, len(held) - len(cells))


def left_out_section(catalog: Catalog, limit: int) -> Section:
    """What is not used, with the reason."""
    columns = (Column("table"), Column("name"), Column("reason"))
    rows = tuple(tuple(Cell(text) for text in row) for row in catalog.left_out[: limit or None])
    hidden = len(catalog.left_out) - len(rows)
    return _section("left_out", f"{len(catalog.left_out)} left out", columns, rows, hidden)


def row_section(row: Row, origins: Sequence[str]) -> Section:
    """One row with all its filled columns, and where they come from."""
    rows = tuple(
        (Cell(name), Cell(shown(value)))
        for name, value in sorted(row.model_dump().items(), key=lambda item: item[0] in _LAST)
        if value not in (None, "", ())
    )
    columns = (Column("column"), Column("value"))
    origin = (Paragraph("from " + ", then ".join(origins)),) if origins else ()
    title = rows[0][1].text if rows else ""
    return Section("row", title, (Table(columns, rows), *origin))


def model_facts(model: LanguageModel) -> dict[str, Any]:
    """What `models show --json` prints: the row, and what follows from it."""
    counted = parameters(model)
    facts: dict[str, Any] = {
        "id": model.id,
        "aliases": list(model.aliases),
        "total_params_b": model.total_params_b,
        "active_params_b": model.active_params_b,
        "kv_bytes_per_token": kv_bytes_per_token(model),
        "kv_bytes_per_token_in_window": kv_bytes_per_token_in_window(model),
        "weights_gb_native_16_bit": round(counted.total * _BYTES_16_BIT / BILLION, 1),
    }
    return {**facts, **model.model_dump(mode="json")}


def cache_per_token(model: LanguageModel) -> str:
    """`80.0 KiB` of the whole context, and what windowed layers add: `80.0 + 416.0 in 1024`."""
    whole = kv_bytes_per_token(model) / 1024
    if not model.windowed_layers:
        return f"{whole:.1f} KiB"
    return (
        f"{whole:.1f} + {kv_bytes_per_token_in_window(model) / 1024:.1f} in {model.sliding_window}"
    )


def models_section(models: Sequence[LanguageModel], limit: int) -> Section:
    """Models with size, cache and context."""
    columns = (
        Column("model"),
        Column("total", numeric=True),
        Column("active", numeric=True),
        Column("attention"),
        Column("KV/token", numeric=True),
        Column("context", numeric=True),
        Column("native"),
        Column("quality", numeric=True),
    )
    rows = tuple(
        (
            Cell(m.id),
            Cell(f"{m.total_params_b:.1f}B"),
            Cell(f"{m.active_params_b:.1f}B"),
            Cell(m.attention),
            Cell(cache_per_token(m)),
            Cell("" if m.max_context is None else f"{m.max_context // 1024}k"),
            Cell(m.native_precision),
            Cell("" if m.quality is None else f"{m.quality:.1f}"),
        )
        for m in models[: limit or None]
    )
    return _section("models", _count(models, "models"), columns, rows, len(models) - len(rows))


def shown(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, tuple | list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _section(name: str, title: str, columns: tuple[Column, ...], rows: Any, hidden: int) -> Section:
    more = (Paragraph(f"{hidden} more: --limit 0 shows all"),) if hidden > 0 else ()
    return Section(name, title, (Table(columns, rows), *more))


def _count(rows: Sequence[object], table: str) -> str:
    words = table.replace("_", " ")
    return f"{len(rows)} {words[:-1] if len(rows) == 1 and words.endswith('s') else words}"


def _day(offer: Offer) -> str:
    if offer.date is None:
        return ""
    text = offer.date.isoformat()
    cut: Mapping[str, int] = {"day": 10, "month": 7, "year": 4, "undated": 4}
    return text[: cut[offer.date_precision]] + ("?" if offer.date_precision == "undated" else "")


def _numeric(rows: Sequence[Row], column: str) -> bool:
    return any(isinstance(getattr(row, column), int | float) for row in rows[:20])
