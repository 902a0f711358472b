"""Demand over the day: `0-8h:30%,8-20h:100%,20-24h:60%`, the share of `--qps` per period.

    rate in a period  =  share * Q         sum of hours = 24, largest share = 1

Symbol  Meaning                                                             Unit
Q       `--qps`, the rate in the peak window of the busiest period           requests/s
share   rate in the peak window of a period over Q, at most 1                1

Periods start and end on whole minutes, cover the day once and may run past midnight
(`22-6h:20%,6-22h:100%`). Instead of periods, the name of a workload file that `recommend workload`
wrote from a trace of at least a day.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from recommender.request import quantity
from recommender.request.blanks import parts

HOURS = 24.0
MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 1440
MOST_PERIODS = 48
EXAMPLE = "0-8h:30%,8-20h:100%,20-24h:60%"
_PERIOD = re.compile(r"\s*(\d+(?:\.\d+)?)\s*h?\s*-\s*(\d+(?:\.\d+)?)\s*h?\s*:\s*(.+?)\s*$")


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the day, in whole minutes from midnight, and its share of the peak rate [1]."""

    start_min: int
    end_min: int
    share: float

    @property
    def from_h(self) -> float:
        """Start [h]."""
        return self.start_min / MINUTES_PER_HOUR

    @property
    def to_h(self) -> float:
        """End [h]."""
        return self.end_min / MINUTES_PER_HOUR

    @property
    def minutes(self) -> int:
        """Length [min]."""
        return self.end_min - self.start_min

    @property
    def label(self) -> str:
        """`8-20h`."""
        return f"{self.from_h:.10g}-{self.to_h:.10g}h"

    def __str__(self) -> str:
        return f"{self.label}:{100 * self.share:.12g}%"


def periods_of(text: str) -> tuple[Period, ...]:
    """The periods of `0-8h:30%,...` by their start; ValueError says what is wrong, and where."""
    if not text.strip(" ,"):
        raise ValueError(f"{text!r} names no period; write it like {EXAMPLE}")
    found = [part for item in parts(text, ",") for part in _parts(item)]
    if len(found) > MOST_PERIODS:
        raise ValueError(f"{len(found)} periods are more than {MOST_PERIODS}, half hours of a day")
    periods = sorted(found, key=lambda period: (period.start_min, period.end_min))
    _covers_the_day(periods)
    _reaches_the_peak(periods)
    return tuple(_joined(periods))


def profile_text(value: object) -> str:
    """A profile written one way: periods, a list of them, or those of a workload file."""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if _PERIOD.match(text.split(",")[0]) is None and "%" not in text:
        text = _of_file(text)
    return ",".join(map(str, periods_of(text)))


def mean_share(periods: Iterable[Period]) -> float:
    """Mean of the rate over the day, over its peak [1]."""
    return sum(period.share * period.minutes for period in periods) / MINUTES_PER_DAY


def _of_file(name: str) -> str:
    from recommender.traces.workload_file import read_profile

    if not Path(name).is_file():
        raise ValueError(
            f"{name!r} is neither periods such as {EXAMPLE} nor a file of `recommend workload`"
        )
    return read_profile(Path(name))


def _parts(item: str) -> Iterator[Period]:
    """The period of an item; two where it runs past midnight."""
    match = _PERIOD.match(item)
    if match is None:
        raise ValueError(f"{item.strip()!r} is not a period; write it like 8-20h:100%")
    start, end = (_minutes(hours, item) for hours in match.groups()[:2])
    share = _share(match[3], item)
    if start == end:
        raise ValueError(f"{item.strip()!r} has no length")
    if start < end:
        yield Period(start, end, share)
    else:  # past midnight
        yield from (Period(a, b, share) for a, b in ((start, MINUTES_PER_DAY), (0, end)) if a < b)


def _share(text: str, item: str) -> float:
    """0 to 1 of `30%`; ValueError with the period, the value and what is right."""
    try:
        share = quantity.percentage(text)
    except ValueError as error:
        raise ValueError(f"{item.strip()!r}: {error}") from None
    if share < 0:
        raise ValueError(
            f"{item.strip()!r}: {text} is less than no demand; the share of a period is 0% (none) "
            "to 100% (the rate of --qps)"
        )
    if share > 1:
        raise ValueError(
            f"{item.strip()!r}: {text} is above 100%: --qps is the rate of the busiest period, "
            "which has 100%; raise --qps, or write a share of 0% to 100%"
        )
    return share


def _minutes(hours: str, item: str) -> int:
    minutes = float(hours) * MINUTES_PER_HOUR
    if not 0 <= minutes <= MINUTES_PER_DAY:
        raise ValueError(f"{item.strip()!r}: hours of the day lie between 0 and 24")
    if abs(minutes - round(minutes)) > 1e-4:
        raise ValueError(f"{item.strip()!r}: periods start and end on whole minutes, like 8.5h")
    return round(minutes)


def _covers_the_day(periods: list[Period]) -> None:
    end = 0
    for period in periods:
        if period.start_min > end:
            raise ValueError(f"nothing is said about {_hours(end, period.start_min)} of the day")
        if period.start_min < end:
            again = _hours(period.start_min, min(end, period.end_min))
            raise ValueError(f"{again} is given twice")
        end = period.end_min
    if end < MINUTES_PER_DAY:
        raise ValueError(f"nothing is said about {_hours(end, MINUTES_PER_DAY)} of the day")


def _reaches_the_peak(periods: list[Period]) -> None:
    largest = max(period.share for period in periods)
    if largest == 0:
        raise ValueError("every period has 0%; --qps is the rate of the busiest one, 100%")
    if largest < 1:
        raise ValueError(
            f"no period has 100%: --qps is the rate of the busiest one. With the largest at "
            f"{largest:.4g} of it, multiply --qps by {largest:.4g} and divide every share by it"
        )


def _joined(periods: list[Period]) -> Iterator[Period]:
    """Neighbours of equal share as one; the day still starts at 0 h."""
    start = periods[0].start_min
    for period, after in pairwise([*periods, Period(MINUTES_PER_DAY, MINUTES_PER_DAY, -1.0)]):
        if after.share != period.share:
            yield Period(start, period.end_min, period.share)
            start = period.end_min


def _hours(start_min: int, end_min: int) -> str:
    return Period(start_min, end_min, 0.0).label
