"""CPUs that a model runs on: which names mean one, and how many sockets a name says.

A row of the catalogue is one socket. Its name may be written with its maker, codename, cores and
clock, as systems print them (`Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz`), but with no other
word: `H999 + Xeon 8480+` is an accelerator that nobody knows, not its host. A number alone
(`9654`) means the row only where it is an alias; among other words its series goes with it.

    sockets     2S, 2P, 2 sockets, dual-socket, dual, 2x; a Grace CPU Superchip is two
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from catalog.schema import Accelerator
from recommender.accuracy.accelerator_words import words_of

HOST = "CPU"
"""Form of rows that are processors; a name may mention one beside its accelerator."""
_SERIES = frozenset(["xeon", "epyc", "grace"])
_MAKERS = frozenset(["intel", "amd", "nvidia"])
_ONE_SOCKET = re.compile(r"\b(?:1[ -]?sockets?|1[sp]|(?:single|one)[ -]?socket)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"\((?:r|tm)\)|[®™@]|\b\d{1,2}(?:\.\d{1,2})? ?ghz\b|\b\d{1,3}[ -]?cores?\b"
    r"|\b(?:cpu|processor)s?\b",
    re.IGNORECASE,
)
"""What systems print beside the name of a processor."""
_SOCKETS = re.compile(
    r"\b(?P<before>[2-8])(?:[ -]?sockets?|[sp]|\s?[x×])(?!\w)|(?<!\w)[x×]\s?(?P<after>[2-8])\b"
    r"|\b(?:(?:dual|two)(?:[ -]?sockets?)?|superchip)\b",
    re.IGNORECASE,
)
"""More than one socket; without a number, two."""
_OTHERS = re.compile(r"[,/&]|\+\s*\w")
"""Signs between names of several things."""


class Match(NamedTuple):
    """How close a row is to a name; larger is closer."""

    words: int
    as_written: int
    by_alias: int
    missing: int


def socket_count(name: str) -> tuple[str, float | None]:
    """A processor's name without its sockets, and how many it says; None where it says none or one,
    and of names that are not of processors alone.
    """
    found = _SOCKETS.search(name)
    if found is None:
        return name, None
    rest = re.sub(r"\(\s*\)", "", name[: found.start()] + name[found.end() :]).strip(" -,")
    if not _is_processor(rest):
        return name, None
    return rest, float(found["before"] or found["after"] or 2)


def leaves_sockets_open(name: str, row: Accelerator) -> bool:
    """Whether a name of this processor, a row of one socket, does not say how many it means."""
    return _ONE_SOCKET.search(row.name) is not None and _ONE_SOCKET.search(name) is None


def host_match(name: str, row: Accelerator) -> Match | None:
    """How close a processor's row is to a name; None where the name means something else."""
    spelled = _names(name)
    known = _names(row.name).union(*map(_names, (*row.aliases, row.architecture)))
    if not spelled <= known | {row.vendor.casefold()}:
        return None
    meant = [words for words in _meanings(row) if words and words <= spelled]
    if not meant:
        return None
    alike = _begins_with_form(name) == _begins_with_form(row.name)
    words = max(map(len, meant))
    return Match(words, int(alike), len(meant), -len(_names(row.name) - spelled))


def _meanings(row: Accelerator) -> Iterator[frozenset[str]]:
    """Sets of words of which any one means the row: of its name, or of an alias in its series."""
    whole = _names(row.name)
    series = whole & _SERIES
    yield whole
    yield from (_names(alias) | series for alias in row.aliases if alias)


@lru_cache(maxsize=4096)
def _names(text: str) -> frozenset[str]:
    """The words of a name without what systems print beside it."""
    return words_of(_ASIDE.sub(" ", _ONE_SOCKET.sub(" ", text)))


def _is_processor(name: str) -> bool:
    """Whether a name is of one kind of processor and of nothing else."""
    words = _names(name) - _MAKERS - {"platinum"}
    models = {word for word in words if word[0].isdigit()} - {"6"}
    others = words - _SERIES - models - {"6"}
    return bool(words & _SERIES) and not others and len(models) < 2 and not _OTHERS.search(name)


def _begins_with_form(name: str) -> bool:
    return name.casefold().startswith(HOST.casefold())
