"""Which accelerators a word such as `H100`, `a100-80gb` or `Hopper` means.

A word is an exact name; else every accelerator with that alias, architecture or vendor, and
every one whose name holds the word's tokens in order: the first token whole, the others as
beginnings. So `H100` is every H100, `L4` is not the L40, `B200` is not the GB200.
"""

import re
from collections.abc import Iterable

from catalog.schema import Accelerator

_TOKEN = re.compile(r"[^\s\-_/(),:]+")


def matching(query: str, accelerators: Iterable[Accelerator]) -> list[str]:
    """Names of the accelerators that a word means, in catalogue order."""
    accelerators = list(accelerators)
    word = query.strip().casefold()
    for accelerator in accelerators:
        if accelerator.name.casefold() == word:
            return [accelerator.name]
    wanted = _tokens(word)
    return [item.name for item in accelerators if _means(word, wanted, item)]


def _means(word: str, wanted: list[str], accelerator: Accelerator) -> bool:
    if word in (accelerator.architecture.casefold(), accelerator.vendor.casefold()):
        return True
    if any(word == alias.casefold() for alias in accelerator.aliases):
        return True
    return bool(wanted) and _in_order(wanted, _tokens(accelerator.name.casefold()))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _in_order(wanted: list[str], held: list[str]) -> bool:
    if wanted[0] not in held:
        return False
    rest = iter(held[held.index(wanted[0]) + 1 :])
    return all(any(token.startswith(want) for token in rest) for want in wanted[1:])
