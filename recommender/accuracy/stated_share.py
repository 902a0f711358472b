"""The share of the memory that notes say an engine claims, and the usual one."""

import re

_FLAGS = (
    r"gpu[_-]memory[_-]utili[sz]ation|mem[_-]fraction[_-]static"
    r"|free[_-]gpu[_-]mem(?:ory)?[_-]fraction"
)
_VALUE = r"[^\d]{0,12}(?:(0?\.\d+)|(\d{1,2}(?:\.\d+)?)\s?%)"
_IN_FLAGS = re.compile(rf"(?:{_FLAGS}){_VALUE}")
_SHARE = re.compile(rf"(?:{_FLAGS}|utilisation){_VALUE}")
_USUAL = {"sglang": 0.88}


def stated_share(notes: str) -> float | None:
    """The share as notes of memory state it [1]: `--gpu-memory-utilization 0.85`, `... 85%`."""
    return _value(_SHARE.search(notes))


def share_in_flags(notes: str) -> float | None:
    """The share as a flag of the engine alone states it [1]."""
    return _value(_IN_FLAGS.search(notes))


def _value(stated: re.Match[str] | None) -> float | None:
    if stated is None:
        return None
    return float(stated[1]) if stated[1] else float(stated[2]) / 100


def usual_share(engine: str) -> float:
    """The share that an engine claims by default [1]."""
    return _USUAL.get(engine, 0.9)
