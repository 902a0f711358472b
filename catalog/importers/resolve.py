"""Which accelerator a foreign spelling means.

An exact name or alias wins, blanks and dashes aside; else the names that hold the spelling's words,
in their order, else in any (`H200 SXM 141GB`). With a memory size, only accelerators within 12 % of
it count (labels mix GB and GiB). Of several that remain, the one whose alias is the plain word
(H100 is the SXM5 board) is taken; boards that differ by their form only are the SXM module, which
is what clouds mean when they do not say PCIe; else the spelling is ambiguous, and the row is
rejected.
"""

import re
from collections.abc import Sequence

from catalog.catalog import Catalog
from catalog.errors import CatalogError, did_you_mean
from catalog.importers.rejected import Rejection
from catalog.schema import Accelerator

MEMORY_TOLERANCE = 0.12
_NOISE = re.compile(
    r"\b(nvidia|amd|tesla|geforce|quadro|instinct|tensor core|gpus?|hbm\d\w?|gddr\d\w?)\b",
    re.IGNORECASE,
)
_UNSAID = re.compile(r"\b(quadro|blackwell|\d+gb)\b", re.IGNORECASE)
"""Words of our names that others leave out (the memory only where they give it apart)."""
_TOKEN = re.compile(r"[^\s\-/(),:]+")


def resolve_accelerator(catalog: Catalog, spelling: str, memory_gb: float | None = None) -> str:
    """Name of the accelerator; Rejection when none or several fit."""
    word = " ".join(_NOISE.sub(" ", spelling.replace("_", " ")).split())
    if not word:
        raise Rejection("no accelerator")
    if word not in catalog.spellings:
        catalog.spellings[word] = _meant(catalog, word)
    names = catalog.spellings[word] or _unsaid(catalog, word, memory_gb)
    if not names:
        known = (name for row in catalog.accelerators.values() for name in (row.name, *row.aliases))
        hint = did_you_mean(word, known)
        raise Rejection(f"unknown accelerator {spelling!r}" + (f"; {hint}" if hint else ""))
    if memory_gb is not None:
        fitting = [name for name in names if _fits(catalog, name, memory_gb)]
        if not fitting:
            raise Rejection(f"no {spelling!r} with {memory_gb:g} GB is known")
        names = fitting
    if len(names) == 1:
        return names[0]
    rows = [catalog.accelerators[name] for name in names]
    plain = [row.name for row in rows if any(_spaced(a) == _spaced(word) for a in row.aliases)]
    found = plain or _modules(rows)
    if len(found) == 1:
        return found[0]
    raise Rejection(f"{spelling!r} is ambiguous: {', '.join(names[:4])}")


def with_form(spelling: str, instance: str) -> str:
    """The spelling, with the form that the name of the instance gives away (`gpu_1x_h100_pcie`)."""
    said = "pcie" in instance.casefold() and "pcie" not in spelling.casefold()
    return f"{spelling} PCIe" if said else spelling


def _meant(catalog: Catalog, word: str) -> list[str]:
    """Names by an exact spelling, and by words in order, else by words in any order."""
    exact = [
        row.name
        for row in catalog.accelerators.values()
        if any(_joined(name) == _joined(word) for name in (row.name, *row.aliases))
    ]
    try:
        return list(dict.fromkeys([*exact, *catalog.accelerator_names(word)]))
    except CatalogError:
        return exact or _any_order(catalog, word)


def _unsaid(catalog: Catalog, word: str, memory_gb: float | None) -> list[str]:
    """Names that equal the word but for words that others leave out: RTX6000, RTXPRO4500."""
    return [
        name
        for name in catalog.accelerators
        if _joined(_UNSAID.sub(" ", name)) == _joined(word)
        and (memory_gb is not None or not re.search(r"\dGB\b", name))
    ]


def _any_order(catalog: Catalog, word: str) -> list[str]:
    """Names that hold every word, whole or as the beginning of one of theirs."""
    wanted = _TOKEN.findall(word.casefold())
    held = {name: _TOKEN.findall(name.casefold()) for name in catalog.accelerators}
    return [
        name
        for name, tokens in held.items()
        if wanted[0] in tokens
        and all(any(token.startswith(want) for token in tokens) for want in wanted)
    ]


def _spaced(name: str) -> str:
    return name.replace("-", " ").casefold()


def _joined(name: str) -> str:
    return re.sub(r"[\s\-]", "", name).casefold()


def _modules(rows: Sequence[Accelerator]) -> list[str]:
    """The SXM module among boards of one architecture and memory."""
    if len({(row.architecture, row.memory_gb) for row in rows}) > 1:
        return []
    return [row.name for row in rows if row.form == "SXM"]


def _fits(catalog: Catalog, name: str, memory_gb: float) -> bool:
    return abs(catalog.accelerators[name].memory_gb / memory_gb - 1) <= MEMORY_TOLERANCE
