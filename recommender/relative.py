"""Shares of a total that may be zero: hardware of one's own can cost nothing per hour."""


def percent_of(part: float, whole: float) -> float | None:
    """100 * part / whole [%]; None where the whole is zero, of which nothing is a share."""
    return 100 * part / whole if whole else None
