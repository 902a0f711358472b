"""The month of an engine's version: what runs of one month have in common."""

import math

UNDATED = "undated"
MONTHS = 12


def version_month(year: float | None) -> str:
    """Month of a version, as 2025-11; `undated` where a row does not report it."""
    if year is None:
        return UNDATED
    months = math.floor(year * MONTHS + 1e-6)
    return f"{months // MONTHS}-{months % MONTHS + 1:02d}"
