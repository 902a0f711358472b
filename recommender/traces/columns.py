"""Which column of a trace is which: known formats, and logs with columns of common names.

Format      arrival                       prompt             output
azure       TIMESTAMP (date, time)        ContextTokens      GeneratedTokens
burstgpt    Timestamp (s)                 Request tokens     Response tokens
mooncake    timestamp (ms)                input_length       output_length       hash_ids
compact     arrival_s                     input_tokens       output_tokens
log         time, timestamp, created ...  prompt_tokens ...  completion_tokens ...

Numbers are seconds, unless the name ends in `_ms` or `_us`, or the size is that of a Unix time in
milliseconds or microseconds. Names are compared without case, spaces, dashes and underscores.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from recommender.traces.trace import Seconds

_ARRIVAL = ("arrivals", "arrivaltime", "arrival", "timestamp", "time", "ts", "created", "starttime")
_INPUT = (
    "inputtokens", "contexttokens", "requesttokens", "prompttokens", "inputlength", "promptlength",
    "prefilltokens", "isl",
)  # fmt: skip
_OUTPUT = (
    "outputtokens", "generatedtokens", "responsetokens", "completiontokens", "outputlength",
    "decodetokens", "osl",
)  # fmt: skip
_CACHED = ("prefixhittokensinfcache", "cachedtokens", "prefixhittokens")
_KNOWN = {
    ("timestamp", "contexttokens", "generatedtokens"): "azure",
    ("timestamp", "requesttokens", "responsetokens"): "burstgpt",
    ("timestamp", "inputlength", "outputlength"): "mooncake",
    ("arrivals", "inputtokens", "outputtokens"): "compact",
}
_MILLISECONDS_FROM = 1e11
_MICROSECONDS_FROM = 1e14
_FRACTION = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names (or positions) of the columns, as the file spells them."""

    format: str
    arrival: str
    input: str
    output: str
    cached: str | None
    seconds_per_unit: float


def find_columns(names: list[str], *, blocks: bool = False) -> Columns | None:
    """The columns among these names; None if one is missing. `blocks`: rows have `hash_ids`."""
    plain = {_plain(name): name for name in names}
    arrival = _first(plain, (*_ARRIVAL, *(f"{a}{u}" for a in _ARRIVAL for u in ("ms", "us"))))
    prompt, output = _first(plain, _INPUT), _first(plain, _OUTPUT)
    if arrival is None or prompt is None or output is None:
        return None
    known = _KNOWN.get((arrival, prompt, output), "log")
    scale = 1e-3 if arrival.endswith("ms") or known == "mooncake" or blocks else 1.0
    cached = _first(plain, _CACHED)
    return Columns(
        known,
        plain[arrival],
        plain[prompt],
        plain[output],
        plain[cached] if cached else None,
        1e-6 if arrival.endswith("us") else scale,
    )


def seconds(value: str | float, *, unit: float) -> float:
    """A time as seconds: a number in units of `unit` s, or a date; ValueError if it is neither."""
    try:
        number = float(value)
    except ValueError:
        return _date_s(str(value))
    if unit == 1.0 and number >= _MICROSECONDS_FROM:
        return number * 1e-6
    if unit == 1.0 and number >= _MILLISECONDS_FROM:
        return number * 1e-3
    return number * unit


def seconds_array(numbers: Seconds, *, unit: float) -> Seconds:
    """`seconds` of many numbers at once, shape (n,)."""
    if unit != 1.0:
        return numbers * unit
    scale = np.where(numbers >= _MILLISECONDS_FROM, 1e-3, 1.0)
    scale = np.where(numbers >= _MICROSECONDS_FROM, 1e-6, scale)
    scaled: Seconds = numbers * scale
    return scaled


def _date_s(text: str) -> float:
    moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _first(plain: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in plain), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]", "", name).casefold()
