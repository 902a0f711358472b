"""Which catalogue accelerator a published name means: `NVIDIA H100-SXM-80GB`, `Nvidia 5090`.

A name or an alias of a row, but for its maker, spaces and signs, is that row. Any other name is cut
into words. The words that identify a chip (`h100`, `rtx` `pro` `6000`) must all be in the published
name, and a memory that it states must be that of a row of the chip; words of form and memory
(`sxm5`, `80gb`) break ties: as many as possible shared, then the row that carries the chip's bare
name as an alias, then SXM. A chip whose last letter is left out (`MI325`) is the one that has it.
Processors have rules of their own (`host_names`).

Refused are names of several chips (`H100/A100`), of slices and of cloud instances
(`whole_accelerator`), of a memory that no row of the chip has (`A100 20GB`), and of a count that is
not the row's (`accelerator_count`).
"""

import re
from collections.abc import Iterable, Sequence

from catalog.schema import Accelerator
from recommender.accuracy.accelerator_count import counted
from recommender.accuracy.accelerator_words import bare_name, chip_words, needed_words, words_of
from recommender.accuracy.host_names import HOST, host_match, leaves_sockets_open, socket_count
from recommender.accuracy.stated_memory import of_several_sizes, of_stated_memory, stated_amounts
from recommender.accuracy.whole_accelerator import mixture, other_than_whole

_STRAY = frozenset(["ti", "super", "nano", "ultra", "xt", "xtx", "nx"])
"""Words that make it another chip."""
_LETTERLESS = re.compile(r"mi\d{3}")
Rank = tuple[int, ...]


def resolve_accelerator(name: str, rows: Iterable[Accelerator]) -> Accelerator | None:
    """The catalogue row that a published name means; None when there is none."""
    known = tuple(rows)
    if refused_name(name, known):
        return None
    bare = bare_name(name)
    for row in known:
        if bare in map(bare_name, (row.name, *filter(None, row.aliases))):
            return row
    ranked = _of_its_memory(name, _ranked(name, known))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def is_tied(name: str, rows: Iterable[Accelerator]) -> bool:
    """Whether a name leaves open what it means: rows of other memory or bandwidth share as many of
    its words as the chosen one, or it is a processor's without its sockets.
    """
    known = tuple(rows)
    ranked = _of_its_memory(name, _ranked(name, known))
    most = max((rank[:2] for rank, _ in ranked), default=(0, 0))
    closest = [row for rank, row in ranked if rank[:2] == most]
    hardware = {(row.memory_gb, row.memory_bandwidth_gb_per_s) for row in closest}
    chosen = resolve_accelerator(name, [row for row in known if row.form == HOST])
    return len(hardware) > 1 or (chosen is not None and leaves_sockets_open(name, chosen))


def refused_name(name: str, rows: Iterable[Accelerator]) -> str:
    """Why a name that looks like one of these accelerators is not; blank where it may be."""
    known = tuple(rows)
    if any(name in (row.name, *row.aliases) for row in known):
        return ""
    if problem := other_than_whole(name):
        return problem
    spelled, amounts = _spelled(name, known), stated_amounts(name)
    closest = _closest_chip(_ranked(name, known))
    if _has_several_chips(spelled, known) or of_several_sizes(closest, amounts):
        return mixture(name)
    if closest and not of_stated_memory(closest, amounts):
        sizes = sorted({row.memory_gb for row in closest})
        held = " or ".join(f"{size:g} GB" for size in sizes)
        return f"accelerator {name!r}: the catalogue holds it with {held} only"
    if (count := counted(name)[1] or socket_count(name)[1]) is not None:
        return f"accelerator {name!r} counts {count:g}, which is not what gpu_count says"
    return ""


def _has_several_chips(spelled: frozenset[str], rows: Sequence[Accelerator]) -> bool:
    """Whether the words of chips are there of which neither is a longer name of the other."""
    named = {needed_words(row) for row in rows if row.form != HOST}
    found = [words for words in named if words <= spelled]
    return any(not (one <= other or other <= one) for one in found for other in found)


def _spelled(name: str, rows: Sequence[Accelerator]) -> frozenset[str]:
    """The words of a name, with the last letter of its chip where that was left out."""
    spelled = words_of(name)
    chips = frozenset[str]().union(*(chip_words(row.name) for row in rows))
    for word in spelled - chips:
        if _LETTERLESS.fullmatch(word):
            whole = [chip for chip in chips if chip[:-1] == word and chip[-1].isalpha()]
            spelled |= frozenset(whole if len(whole) == 1 else ())
    return spelled


def _ranked(name: str, rows: Sequence[Accelerator]) -> list[tuple[Rank, Accelerator]]:
    """Rows of the named chip with how close they are."""
    spelled = _spelled(name, rows)
    ranks = (host_match(name, row) if row.form == HOST else _rank(spelled, row) for row in rows)
    return [(rank, row) for rank, row in zip(ranks, rows, strict=True) if rank is not None]


def _closest_chip(ranked: Sequence[tuple[Rank, Accelerator]]) -> list[Accelerator]:
    """The rows that share most words of their chip: of `RTX 6000 Ada` not the `RTX 6000`."""
    most = max((rank[0] for rank, _ in ranked), default=0)
    return [row for rank, row in ranked if rank[0] == most]


def _of_its_memory(
    name: str, ranked: Sequence[tuple[Rank, Accelerator]]
) -> list[tuple[Rank, Accelerator]]:
    """Those of the closest chip that have the memory which the name states."""
    kept = {row.name for row in of_stated_memory(_closest_chip(ranked), stated_amounts(name))}
    return [(rank, row) for rank, row in ranked if row.name in kept]


def _rank(spelled: frozenset[str], row: Accelerator) -> Rank | None:
    """Larger is closer; None when the chip is another one."""
    words, chip, needed = words_of(row.name), chip_words(row.name), needed_words(row)
    if not needed <= spelled or (spelled - words) & _STRAY:
        return None
    shared = len(words & spelled)
    bare = any(words_of(alias) in (needed, chip) for alias in row.aliases)
    return (len(chip & spelled), shared, int(bare), int("sxm" in words), -len(words - spelled))
