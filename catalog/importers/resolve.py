"""Which accelerator a foreign spelling means.

An exact name or alias wins; else the names that hold the spelling's words. With a memory size,
only accelerators within 12 % of it count (labels mix GB and GiB). Of several that remain, the
one whose alias is the plain word (H100 is the SXM5 board) is taken, else the spelling is
ambiguous and the row is rejected.
"""

import re

from catalog.catalog import Catalog
from catalog.errors import CatalogError
from catalog.importers.rejected import Rejection

MEMORY_TOLERANCE = 0.12
_NOISE = re.compile(r"\b(nvidia|amd|tesla|geforce|instinct|tensor core|gpus?)\b", re.IGNORECASE)


def resolve_accelerator(catalog: Catalog, spelling: str, memory_gb: float | None = None) -> str:
    """Name of the accelerator; Rejection when none or several fit."""
    word = " ".join(_NOISE.sub(" ", spelling.replace("_", " ")).split())
    if not word:
        raise Rejection("no accelerator")
    try:
        names = catalog.accelerator_names(word)
    except CatalogError:
        names = _joined(catalog, word)
    if not names:
        raise Rejection(f"unknown accelerator {spelling!r}")
    if memory_gb is not None:
        fitting = [name for name in names if _fits(catalog, name, memory_gb)]
        if not fitting:
            raise Rejection(f"no {spelling!r} with {memory_gb:g} GB is known")
        names = fitting
    if len(names) == 1:
        return names[0]
    for name in names:
        if any(alias.casefold() == word.casefold() for alias in catalog.accelerators[name].aliases):
            return name
    raise Rejection(f"{spelling!r} is ambiguous: {', '.join(names[:4])}")


def _joined(catalog: Catalog, word: str) -> list[str]:
    """Names that equal the word without blanks and dashes: RTX4090, A100-80GB, L40s."""
    plain = re.sub(r"[\s\-]", "", word).casefold()
    return [
        row.name
        for row in catalog.accelerators.values()
        for name in (row.name, *row.aliases)
        if re.sub(r"[\s\-]", "", name).casefold() == plain
    ]


def _fits(catalog: Catalog, name: str, memory_gb: float) -> bool:
    return abs(catalog.accelerators[name].memory_gb / memory_gb - 1) <= MEMORY_TOLERANCE
