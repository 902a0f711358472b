"""The share of prompt tokens that a prefix cache held, as notes state it.

`prefix cache hit rate 50%`, `prefix cache hit rate: GPU: 50.0%`, `prefix hits 0.5`,
`--prefix-hit 50%`, `cache hit rate: 0.5` (of no other cache). A number above 1 without a percent
sign may be anything, and is not read.
"""

import re

_PERCENT, _SHARE = r"(\d{1,3}(?:\.\d{1,6})?)\s?%", r"([01](?:\.\d{1,6})?|\.\d{1,6})(?![\d.%])"
_NUMBER = rf"[\s=:]{{0,3}}(?:gpu\s?:\s?)?(?:{_PERCENT}|{_SHARE})"
_HITS = re.compile(
    r"(?:\bprefix[ _-](?:cach(?:e|ing)[ _-])?hits?(?:[ _-](?:rate|ratio|share))?"
    r"|(?<!l1 )(?<!l2 )(?<!tlb )(?<!expert )\bcache[ _-]hit[ _-]rate)" + _NUMBER
)


def stated_hits(notes: str) -> float | None:
    """The share h [1], or None where none is stated."""
    found = _HITS.search(notes.casefold())
    if found is None:
        return None
    share = float(found[1]) / 100 if found[1] else float(found[2])
    return share if share <= 1.0 else None
