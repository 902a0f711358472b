"""gpuhunt catalogues: one row per instance, region and spot or not; price in USD per hour."""

from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.importers.cells import Cells, flag, number, price, whole
from catalog.importers.rejected import Rejection
from catalog.importers.resolve import resolve_accelerator, with_form

COLUMNS = {"instance_name", "gpu_name", "price"}


def offers(cells: Cells, catalog: Catalog, provider: str | None) -> Iterator[dict[str, object]]:
    """Offers of a row."""
    if not cells.get("gpu_name"):
        raise Rejection("no accelerator")
    spelling = with_form(cells["gpu_name"], cells["instance_name"])
    seller = cells.get("provider") or provider
    if not seller:
        raise Rejection("no provider: say --provider NAME")
    yield {
        "provider": seller,
        "instance_type": cells["instance_name"],
        "region": cells.get("location", "unspecified"),
        "terms": "spot" if flag(cells, "spot") else "on_demand",
        "kind": "list",
        "accelerator": resolve_accelerator(catalog, spelling, number(cells, "gpu_memory")),
        "node_accelerators": whole(cells, "gpu_count"),
        "vcpus": _int(number(cells, "cpu")),
        "host_ram_gib": number(cells, "memory"),
        "price_per_h": price(cells, "price"),
        "currency": "USD",
    }


def _int(value: float | None) -> int | None:
    return None if value is None else int(value)
