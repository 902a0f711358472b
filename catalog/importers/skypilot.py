"""SkyPilot `vms.csv`: one row per instance and zone, with list and spot price in USD per hour.

A price of 0 or 700 stands for "not known" there; such rows are rejected. `A100` without a memory
size is the 40 GB board: the larger one is called `A100-80GB`.
"""

import re
from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.importers.cells import Cells, number, price, whole
from catalog.importers.rejected import Rejection
from catalog.importers.resolve import resolve_accelerator, with_form

COLUMNS = {"InstanceType", "AcceleratorName", "Price"}
_UNKNOWN_PRICE = 700.0
_PLAIN_MEMORY_GB = {"A100": 40.0}
_MEMORY = re.compile(r"SizeInMiB['\"]?\s*:\s*(\d+)")


def offers(cells: Cells, catalog: Catalog, provider: str | None) -> Iterator[dict[str, object]]:
    """Offers of a row: on demand and spot."""
    if not cells.get("AcceleratorName"):
        raise Rejection("no accelerator")
    if not provider:
        raise Rejection("no provider: say --provider NAME")
    name, instance = cells["AcceleratorName"], cells.get("InstanceType", "")
    memory = _memory_gb(cells) or _PLAIN_MEMORY_GB.get(name)
    row: dict[str, object] = {
        "provider": provider,
        "instance_type": instance or name,
        "region": cells.get("Region", "unspecified"),
        "kind": "list",
        "accelerator": resolve_accelerator(catalog, with_form(name, instance), memory),
        "node_accelerators": whole(cells, "AcceleratorCount"),
        "vcpus": _int(number(cells, "vCPUs")),
        "host_ram_gib": number(cells, "MemoryGiB"),
        "currency": "USD",
    }
    listed = price(cells, "Price") if cells.get("Price") else None
    if listed == _UNKNOWN_PRICE:
        raise Rejection("a price of 700 stands for not known")
    if listed is not None:
        yield {**row, "terms": "on_demand", "price_per_h": listed}
    if cells.get("SpotPrice"):
        yield {**row, "terms": "spot", "price_per_h": price(cells, "SpotPrice")}


def _memory_gb(cells: Cells) -> float | None:
    """Memory of one accelerator; some clouds write gigabytes under SizeInMiB."""
    found = _MEMORY.search(cells.get("GpuInfo", ""))
    if found is None:
        return None
    size = float(found[1])
    return size if size < 2000 else size / 1024


def _int(value: float | None) -> int | None:
    return None if value is None else int(value)
