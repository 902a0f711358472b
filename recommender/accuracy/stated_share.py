"""The share of the memory that notes say an engine claims, and the usual one."""

import re

_SHARE = re.compile(
    r"(?:gpu[_-]memory[_-]utili[sz]ation|mem[_-]fraction[_-]static|utilisation)[^\d]{0,12}"
    r"(?:(0?\.\d+)|(\d{1,2}(?:\.\d+)?)\s?%)"
)
_USUAL = {"sglang": 0.88}


def stated_share(notes: str) -> float | None:
    """The share as notes state it [1]: `--gpu-memory-utilization 0.85`, `... 85%`."""
    stated = _SHARE.search(notes)
    if stated is None:
        return None
    return float(stated[1]) if stated[1] else float(stated[2]) / 100


def usual_share(engine: str) -> float:
    """The share that an engine claims by default [1]."""
    return _USUAL.get(engine, 0.9)
