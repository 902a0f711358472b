"""What notes state, and no prediction takes into account as it is stated.

drafts       accepted lengths without the number of drafts; speculative decoding in words that
             `stated_drafts` does not read; drafts that no single layer makes
prefixes     shares of prompts that come out of a cache, where `stated_hits` reads none
memory       the share that the engine claims, of speeds, where it is no share
steps        `--enforce-eager`: constants are of the defaults; budgets that are not read
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from recommender.accuracy.load import Load
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.stated_hits import stated_hits

_NUMBER = r"[\s=:]{0,3}\d{1,9}(?:\.\d{1,6})?(?:\s?%)?"
_NOT_OFF = r"(?!\s?[=:]?\s?(?:false|off|no|disabled)\b)"
_NOT = r"(?<!no )(?<!no-)(?<!without )\b"
_PATTERNS = {
    "gain": (
        r"(?:\bk\s?=\s?\d{1,2}\s)?\baccept(?:ed|ance)(?:[ _-](?:length|len|tokens|rate))?"
        rf"{_NUMBER}",
    ),
    "hits": (
        rf"\bprefix[ _-](?:cach(?:e|ing)[ _-])?hit(?:[ _-]?rate|s)?{_NUMBER}",
        rf"\bcache[ _-]hit(?:[ _-]?rate|s)?{_NUMBER}",
    ),
    "eager": (
        r"(?<!no )(?<!no-)\benforce[_-]eager\b(?!\s?[=:]?\s?(?:false|off|no|0))",
    ),
    "budget": (rf"\bmax[_-]num[_-]batched[_-]tokens{_NUMBER}",),
    "share": (rf"\b(?:gpu[_-]memory[_-]utili[sz]ation|mem[_-]fraction[_-]static){_NUMBER}",),
    "drafts": (rf"{_NOT}(?:speculative[ _-]decoding|eagle-?\d?){_NOT_OFF}",),
    "drafter": (rf"{_NOT}(?:medusa|draft model){_NOT_OFF}",),
}  # fmt: skip
_STATED = {
    topic: tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
    for topic, patterns in _PATTERNS.items()
}
OF_SPEEDS = frozenset({"share", "drafts", "drafter"})


def not_modelled(row: Measurement, scenario: Scenario, load: Load) -> Iterator[str]:
    """Each stated fact that a prediction does not follow."""
    followed = _followed(row, scenario, load)
    if row.kind == "memory":
        followed |= OF_SPEEDS
    if texts := _stated(row.notes, followed):
        yield f"not modelled as it is stated: {texts}"


def _followed(row: Measurement, scenario: Scenario, load: Load) -> frozenset[str]:
    """Topics that the prediction takes from the notes."""
    options = scenario.options
    read = {
        "gain": options.speculation is not None and not options.gain_assumed,
        "hits": stated_hits(row.notes) is not None,
        "budget": options.step_tokens is not None,
        "share": options.memory_share is not None,
        "drafts": load.speculated_tokens > 0,
    }
    return frozenset(topic for topic, is_read in read.items() if is_read)


@lru_cache(maxsize=1024)
def _stated(notes: str, followed: frozenset[str]) -> str:
    """The words of the notes on all other topics."""
    patterns = [one for topic, group in _STATED.items() if topic not in followed for one in group]
    found = (pattern.search(notes) for pattern in patterns)
    texts = list(dict.fromkeys(match[0].strip() for match in found if match))
    return ", ".join(
        text for text in texts if not any(text in other and text != other for other in texts)
    )
