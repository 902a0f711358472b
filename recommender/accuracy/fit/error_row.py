"""One row of errors.csv, without source and date."""

from recommender.accuracy.fit.conformal import SMALLEST
from recommender.performance.layout_table import Floats

WIDTH = 3.256
"""Standard deviations between the 5th and 95th percentile of a Laplace distribution."""


def error_row(
    basis: str, kind: str, group: str, ends: Floats, rows: int, deviation: float | None = None
) -> dict[str, object]:
    """Low and high `ends` of log(measured / predicted), shape (2,), and its standard deviation:
    that of the ends where none is given.
    """
    low, high = min(float(ends[0]), -SMALLEST), max(float(ends[1]), SMALLEST)
    return {
        "basis": basis,
        "kind": kind,
        "engine": group,
        "log_standard_deviation": round(deviation or (high - low) / WIDTH, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "rows": rows,
    }
