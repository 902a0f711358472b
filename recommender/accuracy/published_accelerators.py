"""What names and notes say of accelerators beyond the chip: memory, chips per board, sockets.

`NVIDIA A100` is a card of 40 GB at 1.6 TB/s or one of 80 GB at 2.0 TB/s. Where a row names the
machine it was measured on, the machine says which.

Machine   Accelerators                                                  Source
Argonne   nodes of Polaris: four A100 of 40 GB (HBM2, 1.6 TB/s) with     docs.alcf.anl.gov/polaris,
          NVLink                                                         machine overview

Runs of LLM-Inference-Bench bear it out: with 70B parameters in 16 bits (138 GB) on four of them, 16
requests of 4,096 tokens (21 GB of cache) are slower than 16 of 2,048, as on cards that have 6 GB
left and not 150.

A board that is sold as `Dual` carries two chips of the catalogue (Arc Pro B60 Dual 48G: two of
24 GB, its throughput in MLPerf twice that of one, its single stream is not); a `dual Xeon` beside
an accelerator is its host. A count in the name (`8xH100`) is that of the row (`accelerator_count`),
and so are the sockets of a processor (`2S EPYC 9654`, `host_names`).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from recommender.accuracy.accelerator_count import agreed_count
from recommender.accuracy.host_names import socket_count
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.stated_memory import is_dual, stated_amounts

MEMORY_OF: Mapping[tuple[str, str], str] = {("argonne", "a100"): "40GB"}
"""By what the notes name and by chip."""
_DUAL_HOST = re.compile(r"\bdual[ -](?:socket )?(?:intel |amd )?(?:xeon|epyc)\b", re.IGNORECASE)


def as_published(row: Measurement) -> Measurement:
    """The row with the accelerators that its name and notes mean."""
    name, count = _agreed_sockets(row) or agreed_count(row)
    name = _with_memory(name, row.notes)
    if count is not None and is_dual(_DUAL_HOST.sub("", name)):
        count *= 2
    if (name, count) == (row.accelerator, row.accelerators):
        return row
    return replace(row, accelerator=name, accelerators=count)


def _agreed_sockets(row: Measurement) -> tuple[str, float] | None:
    """A processor without its sockets, and how many the row says; None where name and row differ,
    or the name says none.
    """
    name, sockets = socket_count(row.accelerator)
    nodes = row.nodes or 1.0
    if sockets is None or (row.accelerators is None and nodes > 1):
        return None
    if row.accelerators not in (None, sockets, sockets * nodes):
        return None
    return name, row.accelerators or sockets


def _with_memory(accelerator: str, notes: str) -> str:
    """The published name, with the memory that the named machine has where the name has none."""
    if stated_amounts(accelerator):
        return accelerator
    named, chip = notes.casefold(), accelerator.casefold()
    for (machine, of), memory in MEMORY_OF.items():
        if machine in named and of in chip:
            return f"{accelerator} {memory}"
    return accelerator
