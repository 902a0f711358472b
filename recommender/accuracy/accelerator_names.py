"""Which catalogue accelerator a published name means: `NVIDIA H100-SXM-80GB`, `Nvidia 5090`.

A name is cut into words. The words that identify a chip (`h100`, `rtx` `pro` `6000`) must all be
in the published name; words of form and memory (`sxm5`, `80gb`) break ties: as many as possible
shared, then the row that carries the chip's bare name as an alias, then SXM.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from catalog.schema import Accelerator

_WORD = re.compile(r"[a-z]+\d+[a-z]*|\d+[a-z]*|[a-z]+")
_MEMORY = re.compile(r"\d+gb?$")
_FORMS = frozenset(
    [
        "sxm",
        "sxm2",
        "sxm3",
        "sxm4",
        "sxm5",
        "pcie",
        "nvl",
        "nvl72",
        "oam",
        "server",
        "workstation",
        "max",
        "q",
        "edition",
        "custom",
        "blackwell",
        "per",
        "gpu",
        "on",
        "a",
        "board",
        "of",
        "radeon",
        "hl",
    ]
)
_OPTIONAL = frozenset(
    ["rtx", "rx", "apple", "dgx", "spark", "jetson", "agx", "pro", "quadro", "amd", "arc", "t5000"]
)
_MIXED = re.compile(r"\(x\d+\).*\(x\d+\)")


def resolve_accelerator(name: str, rows: Iterable[Accelerator]) -> Accelerator | None:
    """The catalogue row that a published name means; None when there is none."""
    if is_mixed(name):
        return None
    spelled = _words(name)
    best: tuple[tuple[int, ...], Accelerator] | None = None
    for row in rows:
        rank = _rank(spelled, row)
        if rank is not None and (best is None or rank > best[0]):
            best = (rank, row)
    return best[1] if best else None


def is_tied(name: str, rows: Iterable[Accelerator]) -> bool:
    """Whether rows of other memory or bandwidth share as many of its words as the chosen one."""
    spelled = _words(name)
    ranked = [(rank[:2], row) for row in rows if (rank := _rank(spelled, row)) is not None]
    most = max((shared for shared, _ in ranked), default=(0, 0))
    closest = [row for shared, row in ranked if shared == most]
    hardware = {(row.memory_gb, row.memory_bandwidth_gb_per_s) for row in closest}
    return len(hardware) > 1


def is_mixed(name: str) -> bool:
    """Whether a name is of a system with accelerators of several kinds."""
    return _MIXED.search(name.casefold()) is not None


def _rank(spelled: frozenset[str], row: Accelerator) -> tuple[int, ...] | None:
    """Larger is closer; None when the chip is another one."""
    words = _words(row.name)
    chip = frozenset(word for word in words if not _is_form(word))
    needed = chip - _OPTIONAL or chip
    if not needed <= spelled:
        return None
    if _stray(spelled - words):
        return None
    shared = len(words & spelled)
    bare = any(_words(alias) == needed or _words(alias) == chip for alias in row.aliases)
    return (len(chip & spelled), shared, int(bare), int("sxm" in words), -len(words - spelled))


def _stray(unexplained: frozenset[str]) -> bool:
    """Words that make it another chip: `ti`, `super`, `nano`, `ada`."""
    return bool(unexplained & {"ti", "super", "nano", "ultra", "xt", "xtx", "nx"})


def _is_form(word: str) -> bool:
    return word in _FORMS or bool(_MEMORY.fullmatch(word))


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    text = name.casefold().replace("geforce", "").replace("sxm-", "sxm ")
    found = set(_WORD.findall(text))
    for word in tuple(found):
        if re.fullmatch(r"sxm\d", word):
            found.add("sxm")
    return frozenset(found)
