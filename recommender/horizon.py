"""A horizon: the time over which costs are added up, in hours and in words."""

from recommender.units import HOURS_PER_MONTH, HOURS_PER_YEAR

SPANS = ((HOURS_PER_YEAR, "yr", "year"), (HOURS_PER_MONTH, "mo", "month"), (24.0, "d", "day"))
"""Hours, unit and word of spans of time, the longest first."""


def span_text(hours: float) -> str:
    """`3yr`, `18mo`, `90d`, `100h`: the longest unit of which there are whole ones."""
    unit_hours, unit, _ = _span(hours)
    return f"{hours / unit_hours:.12g}{unit}"


def span_words(hours: float) -> str:
    """`3 years`, `1 month`, `90 days`."""
    unit_hours, _, word = _span(hours)
    number = hours / unit_hours
    return f"{number:,.12g} {word}{'' if number == 1 else 's'}"


def _span(hours: float) -> tuple[float, str, str]:
    return next((span for span in SPANS if hours % span[0] == 0), (1.0, "h", "hour"))
