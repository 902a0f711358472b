"""How many accelerators a name says: `8xH100`, `H100 x8`, `A100-80GB:4`.

The count of a name is that of the row where `gpu_count` is blank. Where both are stated they agree,
or the name is of one of the row's nodes; else the row says two things: its name keeps the count,
and no accelerator is called so (`accelerator_names`).
"""

import re

from recommender.accuracy.measurement import Measurement

_COUNTS = (
    re.compile(r"^\s*(\d{1,3}|\d+\s+)\s*[x×*]\s*(?=[a-z])(?!tx?\b)", re.IGNORECASE),
    re.compile(r"^\s*(\d{1,2})\s+(?=[a-z])(?!gi?b\b|core)", re.IGNORECASE),
    re.compile(r"[\s(]+[x×*]\s*(\d{1,4})\s*\)?\s*$", re.IGNORECASE),
    re.compile(r"(?:(?<=\d)x|:)(\d{1,4})\s*$", re.IGNORECASE),
    re.compile(r"[\s(]+(\d{1,4})(?:\s*[x×*]|[\s-]*gpus?)\s*\)?\s*$", re.IGNORECASE),
)


def counted(name: str) -> tuple[str, float | None]:
    """A name without its count, and the count; None where it has none."""
    for pattern in _COUNTS:
        found = pattern.search(name)
        rest = (name[: found.start()] + name[found.end() :]).strip() if found else ""
        if found and int(found[1]) and _names_chip(rest):
            return rest, float(found[1])
    return name, None


def _names_chip(rest: str) -> bool:
    """Whether something is left that may be a chip: `Imaginary X1` is no `Imaginary`, once."""
    return any(character.isdigit() for character in rest)


def agreed_count(row: Measurement) -> tuple[str, float | None]:
    """The name without its count, and how many accelerators the row says; both as they are where
    the name counts others than `gpu_count`, or leaves open on how many nodes.
    """
    name, count = counted(row.accelerator)
    nodes = row.nodes or 1.0
    if count is None or (row.accelerators is None and nodes > 1):
        return row.accelerator, row.accelerators
    if row.accelerators not in (None, count, count * nodes):
        return row.accelerator, row.accelerators
    return name, row.accelerators or count
