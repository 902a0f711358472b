"""Cloud price lists: one row per instance and region, a column per kind of contract."""

from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.importers.cells import Cells, number, price, whole
from catalog.importers.rejected import Rejection
from catalog.importers.resolve import resolve_accelerator

COLUMNS = {"instance_type", "ondemand_per_h"}
_TERMS = {
    "ondemand_per_h": "on_demand",
    "spot_per_h": "spot",
    "reserved_1yr_per_h": "reserved_1yr",
    "reserved_3yr_per_h": "reserved_3yr",
}


def offers(cells: Cells, catalog: Catalog, provider: str | None) -> Iterator[dict[str, object]]:
    """Offers of a row, one per price that is filled."""
    seller = cells.get("provider") or provider
    if not seller:
        raise Rejection("no provider: say --provider NAME")
    spelling = cells.get("accelerator") or cells.get("gpu") or ""
    memory = None if cells.get("accelerator") else number(cells, "gpu_mem_gb")
    network = number(cells, "network_gbps")
    row: dict[str, object] = {
        "provider": seller,
        "instance_type": cells["instance_type"],
        "region": cells.get("region", "unspecified"),
        "kind": cells.get("offer_kind", "list"),
        "accelerator": resolve_accelerator(catalog, spelling, memory),
        "node_accelerators": whole(cells, "node_accelerators"),
        "host_ram_gib": number(cells, "ram_gib"),
        "network_gb_per_s": None if network is None else network / 8,
        "currency": cells.get("currency", "USD"),
        "date": cells.get("date"),
    }
    found = False
    for column, terms in _TERMS.items():
        if cells.get(column):
            found = True
            yield {**row, "terms": terms, "price_per_h": price(cells, column)}
    if not found:
        raise Rejection("no price")
