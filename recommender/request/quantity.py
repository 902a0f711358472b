"""Numbers with units, as people write them: `200ms`, `1.5MW`, `2kqps`, `$2.49/h`, `20%`.

A number without a unit is refused wherever the unit could be mistaken; the message says what
would be right. Parsing gives the engine's units (seconds, watts, requests/s, dollars per hour).
"""

import math
import re
from collections.abc import Mapping

from recommender.units import HOURS_PER_MONTH, HOURS_PER_YEAR

MOST_CHARACTERS = 200
MOST_RACK_W = 1e7

_DIGITS = r"(?:\d[\d_,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_NUMBER = re.compile(rf"\s*([+-]?{_DIGITS})\s*(.*?)\s*$", re.IGNORECASE)
_MONEY = re.compile(
    rf"\s*\$\s*({_DIGITS})\s*(k?|m?)\s*/\s*({_DIGITS})?\s*([a-z]+)\s*$", re.IGNORECASE
)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?:_\d{3})+)(?!\d)[^,_]*")

_DURATION = {
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "min": 60.0,
    "m": 60.0,
    "h": 3600.0,
}
_DAYS = {"d": 1.0, "day": 1.0, "days": 1.0, "wk": 7.0, "week": 7.0, "weeks": 7.0}
_POWER = {"W": 1.0, "kW": 1e3, "KW": 1e3, "MW": 1e6}
_RATE = {"": 1.0, "qps": 1.0, "rps": 1.0, "/s": 1.0, "req/s": 1.0, "requests/s": 1.0}
_RATE |= {
    f"{p}{u}": f for p, f in (("k", 1e3), ("M", 1e6)) for u in ("", "qps", "rps", "/s", "req/s")
}
_TOKENS = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "tokens": 1.0, "ktokens": 1e3}
_BANDWIDTH = {"GB/s": 1e9, "TB/s": 1e12, "MB/s": 1e6}
_PERIOD_HOURS = {
    "h": 1.0,
    "hr": 1.0,
    "hour": 1.0,
    "d": 24.0,
    "day": 24.0,
    "mo": HOURS_PER_MONTH,
    "month": HOURS_PER_MONTH,
    "yr": HOURS_PER_YEAR,
    "year": HOURS_PER_YEAR,
}
_SPAN_HOURS = _PERIOD_HOURS | {
    f"{unit}s": _PERIOD_HOURS[unit] for unit in ("hour", "day", "month", "year")
}
_MULTIPLE = {"": 1.0, "k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6}
_GRAMS = {"g": 1.0, "kg": 1e3, "t": 1e6}
_SPECULATION = re.compile(r"\s*(\d+)\s*:\s*(\d+(?:\.\d+)?)\s*$")
_RACKS = re.compile(r"\s*(\d+)\s*x\s*(\d+)\s*U\s*@\s*(\S.*?)\s*$", re.IGNORECASE)


def _number(text: str, units: Mapping[str, float], example: str) -> float:
    match = _NUMBER.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number with a unit; write it like {example}")
    digits, unit = match.groups()
    if unit not in units:
        known = ", ".join(u for u in units if u)
        if not unit:
            raise ValueError(f"{text!r} has no unit: {digits} what? Write it like {example}")
        raise ValueError(f"{text!r} has the unknown unit {unit!r}; known are {known}")
    return _times(_value(digits, text), units[unit])


def _times(number: float, factor: float) -> float:
    """number * factor, correctly rounded: 35 / 100 is 0.35, 35 * 0.01 is a digit off."""
    return number * factor if factor >= 1 else number / round(1 / factor)


def _value(digits: str, text: str) -> float:
    """The number; a comma or underscore stands for thousands only, so that 1,5 is not 15."""
    grouped = "," in digits or "_" in digits
    if grouped and not _THOUSANDS.fullmatch(digits):
        raise ValueError(f"{text!r}: write thousands as 1,000 or 1.5 for one and a half")
    return float(digits.replace(",", "").replace("_", ""))


def _text(value: object, example: str) -> str:
    """The text of a scalar; nothing long reaches the patterns, which look back over and over."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a quantity; write it like {example}")
    text = str(value)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{len(text):,} characters are not a quantity; write it like {example}")
    return text


def _positive(value: float, text: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{text!r} must be greater than zero and finite")
    return value


def _positive_number(value: object, units: Mapping[str, float], example: str) -> float:
    text = _text(value, example)
    return _positive(_number(text, units, example), text)


def duration_s(value: object) -> float:
    """Seconds of `200ms`, `1.5s`, `2min`."""
    return _positive_number(value, _DURATION, "200ms")


def duration_written(seconds: float) -> str:
    """`200ms`, `1.5s`: what `duration_s` reads back."""
    return f"{seconds * 1e3:.12g}ms" if 0 < seconds < 1 else f"{seconds:.12g}s"


def duration_or_none_s(value: object) -> float:
    """Seconds of `10min`; 0 of `0s`, which is no time at all."""
    text = _text(value, "10min")
    number = _number(text, _DURATION, "10min")
    return _positive(number, text) if number else 0.0


def count(value: object) -> int:
    """A whole number of `8`, `1,000`."""
    found = number(value, example="8")
    if found != int(found):
        raise ValueError(f"{str(value)!r} is not a whole number; write it like 8")
    return int(found)


def number(value: object, *, example: str = "1.5") -> float:
    """A finite number without a unit."""
    text = _text(value, example)
    match = _NUMBER.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number; write it like {example}")
    if match[2]:
        raise ValueError(f"{text!r} has {match[2]!r} behind the number; write it like {example}")
    found = _value(match[1], text)
    if not math.isfinite(found):
        raise ValueError(f"{text!r} is not finite")
    return found


def days(value: object) -> float:
    """Days of `30d`, `6wk`."""
    return _positive_number(value, _DAYS, "30d")


def power_w(value: object) -> float:
    """Watts of `1.5MW`, `300kW`."""
    return _positive_number(value, _POWER, "300kW")


def requests_per_s(value: object) -> float:
    """Requests per second of `2000`, `2kqps`, `350/s`."""
    return _positive_number(value, _RATE, "2000 or 2kqps")


def tokens(value: object) -> float:
    """Tokens of `1024`, `8k`."""
    return _positive_number(value, _TOKENS, "1024 or 8k")


def bandwidth_bytes_per_s(value: object) -> float:
    """Bytes per second of `600GB/s`, `3.35TB/s`."""
    return _positive_number(value, _BANDWIDTH, "600GB/s")


def usd_per_h(value: object) -> float:
    """Dollars per hour of `$500/h`, `$2M/yr`, `$40k/mo`, `$10M/3yr`: spent evenly over the time."""
    text = _text(value, "$500/h")
    match = _MONEY.match(text)
    if match is None or match[4].lower() not in _SPAN_HOURS:
        raise ValueError(
            f"{text!r} is not dollars per time; write it like $500/h, $40k/mo, $2M/yr or $10M/3yr"
        )
    amount = _value(match[1], text) * _MULTIPLE[match[2]]
    periods = _positive(_value(match[3] or "1", text), text)
    return _positive(amount / (periods * _SPAN_HOURS[match[4].lower()]), text)


def hours(value: object) -> float:
    """Hours of `3yr`, `18mo`, `90d`, to the thousandth."""
    text = _text(value, "3yr").strip()
    found = _NUMBER.match(text)
    unit = found[2].lower() if found and found[2].lower() in _SPAN_HOURS else None
    amount = _number(f"{found[1]}{unit}" if found and unit else text, _SPAN_HOURS, "3yr")
    return _positive(round(amount, 3), text)


def fraction(value: object) -> float:
    """Fraction of `20%` (0.2); between 0 and 1000 %."""
    text = _text(value, "20%")
    number = percentage(text)
    if not 0 <= number <= 10:
        raise ValueError(f"{text!r} must lie between 0% and 1000%")
    return number


def percentage(value: object) -> float:
    """Fraction of `20%` (0.2), whatever its size and sign: who reads it says what is right."""
    return _number(_text(value, "20%"), {"%": 0.01}, "20%")


def grams_per_h(value: object) -> float:
    """Emissions in g CO2e per hour of `50kg/h`, `400t/yr`."""
    text = _text(value, "50kg/h")
    amount, separator, period = text.partition("/")
    if not separator or period.strip().lower() not in _PERIOD_HOURS:
        raise ValueError(f"{text!r} is not an emission per time; write it like 50kg/h or 400t/yr")
    grams = _number(amount, _GRAMS, "50kg/h")
    return _positive(grams / _PERIOD_HOURS[period.strip().lower()], text)


def speculation(value: object) -> tuple[int, float]:
    """Drafts per step and tokens gained of `3:2.1`; a pair of the two is kept."""
    if isinstance(value, tuple | list) and len(value) == 2:
        drafts, accepted = count(value[0]), number(value[1])
        text = f"{drafts}:{accepted:g}"
    else:
        text = _text(value, "3:2.1")
        match = _SPECULATION.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not drafts and accepted tokens; write it like 3:2.1")
        drafts, accepted = int(match[1]), float(match[2])
    if not 1 <= drafts <= 32:
        raise ValueError(f"{text!r}: 1 to 32 tokens are drafted in a step")
    if not 1.0 <= accepted <= drafts + 1:
        raise ValueError(
            f"{text!r}: a step that verifies {drafts} drafts gives 1 to {drafts + 1} tokens"
        )
    return drafts, accepted


def racks(value: object) -> tuple[int, int, float]:
    """Racks, rack units and watts of one of `10x42U@40kW`; a tuple of the three is kept."""
    if isinstance(value, tuple | list) and len(value) == 3:
        value = f"{value[0]}x{value[1]}U@{value[2]}W"
    text = _text(value, "10x42U@40kW")
    match = _RACKS.match(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not racks; write how many, how high and with how much "
            "power each, like 10x42U@40kW"
        )
    count, units = int(match[1]), int(match[2])
    if not (1 <= count <= 100_000 and 1 <= units <= 100):
        raise ValueError(f"{text!r} must be 1 to 100,000 racks of 1 to 100 units")
    watts = power_w(match[3])
    if watts > MOST_RACK_W:
        raise ValueError(f"{text!r}: a rack takes at most {MOST_RACK_W / 1e6:g} MW")
    return count, units, watts
