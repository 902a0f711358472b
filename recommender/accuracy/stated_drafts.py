"""Drafts of speculative decoding, and tokens that a verified step gains, as notes state them.

    drafts k     `mtp speculative 3 tokens`, `num_speculative_tokens 3`, `--speculative 3:2.1`
    gained A     `accepted length 2.1`, `mean acceptance length 2.1`, `accept len: 2.1`,
                 `mean accepted tokens 2.1`, the second number of `--speculative 3:2.1`
                 1 + r*k of `acceptance rate 70%`: r is the share of all drafts that is accepted

A counts the step's own token, as engines print it: 1 is no draft accepted, k + 1 all of them.
"""

import re
from functools import lru_cache

from recommender.performance.speculation import Speculation

_IS = r"[\s=:\"']{0,4}"
_DRAFTS = (
    re.compile(r"mtp speculative (\d{1,3}) token"),
    re.compile(rf"num[_-]speculative[_-]tokens{_IS}(\d{{1,3}})(?![\d.])"),
    re.compile(rf"--speculative{_IS}(\d{{1,3}})(?![\d.])"),
)
_GAINED = (
    re.compile(
        r"\baccept(?:ed|ance)?[ _-](?:length|len|tokens)(?: per (?:verified )?step)?"
        rf"{_IS}(\d{{1,3}}(?:\.\d{{1,6}})?)(?![\d%])"
    ),
    re.compile(rf"--speculative{_IS}\d{{1,3}}:(\d{{1,3}}(?:\.\d{{1,6}})?)(?![\d%])"),
)
_RATE = re.compile(
    rf"\baccept(?:ed|ance)?[ _-]rate{_IS}(?:(\d{{1,3}}(?:\.\d{{1,6}})?)\s?%|([01]?\.\d{{1,6}}))"
)


@lru_cache(maxsize=1024)
def stated_drafts(notes: str) -> int:
    """Drafts per step [count]; 0 where none are stated."""
    found = _first(_DRAFTS, notes)
    return int(found) if found else 0


@lru_cache(maxsize=1024)
def stated_gain(notes: str) -> float | None:
    """Tokens that a sequence gains per step, of drafts that are stated [tokens]; None: not said."""
    drafts = stated_drafts(notes)
    if not drafts:
        return None
    found = _first(_GAINED, notes)
    if found:
        return float(found)
    rate = _RATE.search(notes.casefold())
    if rate is None:
        return None
    return 1.0 + drafts * (float(rate[1]) / 100 if rate[1] else float(rate[2]))


def stated_speculation(notes: str) -> Speculation | None:
    """Drafts and gain, where notes state both."""
    gained = stated_gain(notes)
    return None if gained is None else Speculation(stated_drafts(notes), gained)


def impossible_gain(notes: str) -> str:
    """Why no step can gain what is stated; blank where it can."""
    drafts, gained = stated_drafts(notes), stated_gain(notes)
    if gained is None or 1.0 <= gained <= drafts + 1:
        return ""
    return (
        f"accepted length {gained:g}: a step with {drafts:g} drafts gains 1 to {drafts + 1:g}"
        " tokens, its own one included"
    )


def _first(patterns: tuple[re.Pattern[str], ...], notes: str) -> str:
    lower = notes.casefold()
    return next((found[1] for pattern in patterns if (found := pattern.search(lower))), "")
