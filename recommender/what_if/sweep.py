"""Values of a sweep, as written after `--vary PATH=`.

500..5000:500           from, to, step (the last value is never beyond `to`)
-30%..+30%:10%          relative to today's value
100ms..400ms:100ms      with units
100ms,150ms,200ms       a list
"""

import re
from math import isfinite

from recommender.errors import SpecError
from recommender.request.blanks import parts

MOST_VALUES = 200
MOST_COUNTED = 1e9
_NUMBER = re.compile(r"(\$?)([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(.*)$")


def sweep_values(text: str) -> tuple[str, ...]:
    """The values, in order, as strings with their unit; raises SpecError."""
    if ".." not in text:
        return _checked(_listed(text), text)
    span, separator, step = text.partition(":")
    first, _, last = span.partition("..")
    if not separator:
        raise SpecError(f"{text!r} has no step; write it like 500..5000:500 or -30%..+30%:10%")
    start, stop, stride = (_parse(part, text) for part in (first, last, step))
    unit = start[2] or stop[2]
    if {start[2], stop[2], stride[2]} - {"", unit} or stride[1] <= 0:
        raise SpecError(f"{text!r}: from, to and step must share one unit and the step be positive")
    steps = (stop[1] - start[1]) / stride[1] + 1e-9
    if not 0 <= steps < MOST_VALUES:  # infinite where the step is next to nothing
        many = f"{max(int(steps) + 1, 0):,}" if abs(steps) < MOST_COUNTED else "endless"
        raise SpecError(f"{text!r} has {many} values; between 1 and {MOST_VALUES} are run")
    count = int(steps) + 1
    sign = "+" if unit.endswith("%") else ""
    numbers = [start[1] + i * stride[1] for i in range(count)]
    prefix = "$" if start[0] else ""
    return tuple(f"{prefix}{sign if number >= 0 else ''}{number:.10g}{unit}" for number in numbers)


def _parse(part: str, text: str) -> tuple[str, float, str]:
    match = _NUMBER.match(part.strip())
    if match is None or not isfinite(float(match[2])):
        raise SpecError(f"{part!r} in {text!r} is not a number; write it like -30%..+30%:10%")
    return match[1], float(match[2]), match[3].strip()


def _listed(text: str) -> tuple[str, ...]:
    try:
        return parts(text, ",") if text.strip(" ,") else ()
    except ValueError as error:
        raise SpecError(str(error)) from None


def _checked(values: tuple[str, ...], text: str) -> tuple[str, ...]:
    if not 1 <= len(values) <= MOST_VALUES:
        raise SpecError(f"{text!r} has {len(values)} values; between 1 and {MOST_VALUES} are run")
    return values
