"""Scores of predictions against measured values, in memory that does not grow with the rows.

error      predicted / measured - 1
bias       geometric mean of predicted / measured, minus 1
coverage   share of measured values inside the 90 % interval
width      median of high / low

Means and shares are sums. Medians are exact of groups of up to 8,191 rows, and of larger ones
within 0.1 % of the ranks (`running_median`).
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from recommender.accuracy.running_median import RunningMedian
from recommender.performance.layout_table import Floats

WITHIN = 0.20
BLOCK_ROWS = 4096
"""Rows that are summed at once."""
MOST_GROUPS = 5_000
OTHERS = "(others)"
"""Names beyond the first groups, so that a file of nothing but names does not fill the memory."""
Key = tuple[str, str]
"""(what rows are grouped by, value)."""


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of one group of rows; shares and percentages as numbers in [%]."""

    rows: int
    median_error_pct: float
    mean_error_pct: float
    bias_pct: float
    within_20_pct: float
    coverage_pct: float
    width: float


@dataclass(slots=True)
class Sums:
    """What a score needs of the rows of one group."""

    rows: int = 0
    relative: float = 0.0
    """Of |error|."""
    log: float = 0.0
    """Of log(predicted / measured)."""
    within: int = 0
    inside: int = 0
    error: RunningMedian = field(default_factory=RunningMedian)
    width: RunningMedian = field(default_factory=RunningMedian)

    def add(self, error: Floats, low: Floats, high: Floats) -> None:
        """Count rows by the logarithms of predicted, low and high over measured, shape (n,)."""
        relative = np.abs(np.expm1(error))
        self.rows += len(error)
        self.relative += float(relative.sum())
        self.log += float(error.sum())
        self.within += int((relative <= WITHIN).sum())
        self.inside += int(((low <= 0) & (high >= 0)).sum())
        self.error.add(relative)
        self.width.add(high - low)

    def score(self) -> Score:
        """Percentages of what was counted."""
        return Score(
            rows=self.rows,
            median_error_pct=100 * self.error.median(),
            mean_error_pct=100 * self.relative / self.rows,
            bias_pct=100 * float(np.expm1(self.log / self.rows)),
            within_20_pct=100 * self.within / self.rows,
            coverage_pct=100 * self.inside / self.rows,
            width=float(np.exp(self.width.median())),
        )


def _columns() -> "tuple[array[float], array[float], array[float]]":
    return array("d"), array("d"), array("d")


@dataclass
class Tally:
    """Sums of every group, and the rows that are not yet in them."""

    sums: dict[Key, Sums] = field(default_factory=dict)
    _waiting: "tuple[array[float], array[float], array[float]]" = field(default_factory=_columns)
    """Logarithms of predicted, low and high over measured."""
    _groups: "dict[Key, array[int]]" = field(default_factory=dict)
    """Positions of the waiting rows of each group."""

    def add(
        self, *, measured: float, predicted: float, low: float, high: float, keys: Iterable[Key]
    ) -> None:
        """Count one row."""
        place = len(self._waiting[0])
        for name in keys:
            known = name in self.sums or len(self.sums) < MOST_GROUPS
            key = name if known else (name[0], OTHERS)
            if key not in self.sums:
                self.sums[key] = Sums()
            self._groups.setdefault(key, array("i")).append(place)
        for column, value in zip(self._waiting, (predicted, low, high), strict=True):
            column.append(float(np.log(value / measured)))
        if place + 1 == BLOCK_ROWS:
            self._sum_up()

    def _sum_up(self) -> None:
        error, low, high = (np.array(column) for column in self._waiting)
        for key, places in self._groups.items():
            rows = np.array(places)
            self.sums[key].add(error[rows], low[rows], high[rows])
        self._waiting, self._groups = _columns(), {}

    def scores(self) -> Mapping[Key, Score]:
        """Score of every group: kinds of groups as they came, in each the largest first."""
        self._sum_up()
        came = list(dict.fromkeys(by for by, _ in self.sums))
        order = sorted(self.sums, key=lambda key: (came.index(key[0]), -self.sums[key].rows))
        return {key: self.sums[key].score() for key in order}
