"""Names in one table that must exist in another, and rates that support needs."""

import datetime
from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.check.finding import Finding, error
from catalog.errors import CatalogError
from catalog.schema import Accelerator

_RATE = {
    "bf16": "bf16_tflops",
    "fp16": "fp16_tflops",
    "fp8": "fp8_tflops",
    "int8": "int8_tops",
    "fp4": "fp4_tflops",
}


def check_references(catalog: Catalog, latest: datetime.date) -> Iterator[Finding]:
    """Findings on support, quality, workloads and rates; `latest` is the last day of a rate."""
    yield from _support(catalog)
    yield from _mig(catalog)
    for row in catalog.checkpoints:
        if row.model not in catalog.models or row.precision not in catalog.precisions:
            yield error("checkpoints", row.checkpoint, "model", "unknown model or precision")
    for loss in catalog.quality_losses:
        name = loss.precision.removeprefix("kv-")
        if name not in catalog.precisions:
            yield error("quality_losses", loss.precision, "precision", f"unknown: {name}")
        if not -5 <= loss.loss_pct <= 50:
            yield error("quality_losses", loss.precision, "loss_pct", f"{loss.loss_pct:g} %")
    for preset in catalog.workloads.values():
        try:
            catalog.lengths(preset.name)
        except CatalogError as problem:
            yield error("workloads", preset.name, "file", str(problem))
    for rate in catalog.exchange_rates.values():
        if rate.date > latest:
            yield error("exchange_rates", rate.currency, "date", "lies in the future")


def _support(catalog: Catalog) -> Iterator[Finding]:
    by_architecture: dict[str, list[Accelerator]] = {}
    for row in catalog.accelerators.values():
        by_architecture.setdefault(row.architecture, []).append(row)
    for (engine, architecture, precision), support in catalog.support_rows.items():
        key = f"{engine}/{architecture}/{precision}"
        if engine not in catalog.engines:
            yield error("support", key, "engine", f"unknown: {engine}")
        if precision not in catalog.precisions:
            yield error("support", key, "precision", f"unknown: {precision}")
        boards = by_architecture.get(architecture)
        if boards is None:
            yield error("support", key, "architecture", f"no accelerator has it: {architecture}")
            continue
        rate = _RATE.get(support.compute_format)
        if rate is None:
            yield error("support", key, "compute_format", f"unknown: {support.compute_format}")
        elif support.mode != "none" and all(getattr(board, rate) is None for board in boards):
            yield error("support", key, "compute_format", f"no {architecture} states {rate}")
    for engine, architecture, precision in catalog.kv_support_rows:
        if engine not in catalog.engines or architecture not in by_architecture:
            key = f"{engine}/{architecture}/{precision}"
            yield error("kv_support", key, "engine", "unknown engine or architecture")


def _mig(catalog: Catalog) -> Iterator[Finding]:
    """Profiles are of known accelerators, and as many instances as they say fit at once."""
    for row in catalog.mig_profiles:
        key = f"{row.accelerator} {row.profile}"
        if row.accelerator not in catalog.accelerators:
            yield error("mig_profiles", key, "accelerator", "unknown accelerator")
        for used, whole, column in (
            (row.compute_slices, row.of_compute_slices, "compute_slices"),
            (row.memory_slices, row.of_memory_slices, "memory_slices"),
        ):
            if row.instances * used > whole:
                detail = f"{row.instances} instances of {used} slices of {whole}"
                yield error("mig_profiles", key, column, detail)
