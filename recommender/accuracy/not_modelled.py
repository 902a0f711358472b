"""What notes state, and no prediction takes into account as it is stated.

drafts       accepted lengths; speculative decoding in other words than `mtp speculative 3 tokens`
prefixes     shares of prompts that come out of a cache: whole prompts are computed
memory       the share that the engine claims, of speeds: the usual one
steps        `--enforce-eager`, `max_num_batched_tokens`: constants are of the defaults
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from recommender.accuracy.load import Load
from recommender.accuracy.measurement import Measurement

_NUMBER = r"[\s=:]{0,3}\d{1,9}(?:\.\d{1,6})?(?:\s?%)?"
_STATED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:\bk\s?=\s?\d{1,2}\s)?\baccept(?:ed|ance)(?:[ _-](?:length|len|tokens|rate))?"
        rf"{_NUMBER}",
        rf"\bprefix[ _-]cach(?:e|ing)[ _-]hit(?:[ _-]?rate|s)?{_NUMBER}",
        rf"\bcache[ _-]hit(?:[ _-]?rate|s)?{_NUMBER}",
        r"(?<!no )(?<!no-)\benforce[_-]eager\b(?!\s?[=:]?\s?(?:false|off|no|0))",
        rf"\bmax[_-]num[_-]batched[_-]tokens{_NUMBER}",
    )
)
_SHARE = re.compile(
    rf"\b(?:gpu[_-]memory[_-]utili[sz]ation|mem[_-]fraction[_-]static){_NUMBER}", re.IGNORECASE
)
_DRAFTS = re.compile(
    r"(?<!no )(?<!no-)(?<!without )\b(?:speculative[ _-]decoding|eagle-?\d?|medusa|draft model)\b"
    r"(?!\s?[=:]?\s?(?:false|off|no|disabled)\b)",
    re.IGNORECASE,
)


def not_modelled(row: Measurement, load: Load) -> Iterator[str]:
    """Each stated fact that a prediction does not follow."""
    speed = row.kind != "memory"
    if texts := _stated(row.notes, speed=speed, drafts=speed and not load.speculated_tokens):
        yield f"not modelled as it is stated: {texts}"


@lru_cache(maxsize=1024)
def _stated(notes: str, *, speed: bool, drafts: bool) -> str:
    """The words of the notes; of speeds with the share of memory, and drafts that are not read."""
    patterns = (*_STATED, *((_SHARE,) if speed else ()), *((_DRAFTS,) if drafts else ()))
    found = (pattern.search(notes) for pattern in patterns)
    texts = list(dict.fromkeys(match[0].strip() for match in found if match))
    return ", ".join(
        text for text in texts if not any(text in other and text != other for other in texts)
    )
