"""Scores of predictions against measured values.

error      predicted / measured - 1
bias       geometric mean of predicted / measured, minus 1
coverage   share of measured values inside the 90 % interval
width      median of high / low
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from recommender.performance.layout_table import Floats

WITHIN = 0.20
MOST_GROUPS = 20_000
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


@dataclass
class Tally:
    """Log errors and intervals of many rows in little memory."""

    log_error: "array[float]" = field(default_factory=lambda: array("d"))
    """log(predicted / measured)."""
    log_low: "array[float]" = field(default_factory=lambda: array("d"))
    log_high: "array[float]" = field(default_factory=lambda: array("d"))
    groups: "dict[Key, array[int]]" = field(default_factory=dict)
    """Positions of the rows of each group."""

    def add(
        self, *, measured: float, predicted: float, low: float, high: float, keys: Iterable[Key]
    ) -> None:
        """Count one row."""
        for name in keys:
            known = name in self.groups or len(self.groups) < MOST_GROUPS
            key = name if known else (name[0], OTHERS)
            self.groups.setdefault(key, array("i")).append(len(self.log_error))
        self.log_error.append(float(np.log(predicted / measured)))
        self.log_low.append(float(np.log(low / measured)))
        self.log_high.append(float(np.log(high / measured)))

    def scores(self) -> Mapping[Key, Score]:
        """Score of every group: kinds of groups as they came, in each the largest first."""
        columns = tuple(np.array(x) for x in (self.log_error, self.log_low, self.log_high))
        came = list(dict.fromkeys(by for by, _ in self.groups))
        order = sorted(self.groups, key=lambda key: (came.index(key[0]), -len(self.groups[key])))
        return {key: _score(*(x[np.array(self.groups[key])] for x in columns)) for key in order}


def _score(error: Floats, low: Floats, high: Floats) -> Score:
    relative = np.abs(np.expm1(error))
    return Score(
        rows=len(error),
        median_error_pct=100 * float(np.median(relative)),
        mean_error_pct=100 * float(relative.mean()),
        bias_pct=100 * float(np.expm1(error.mean())),
        within_20_pct=100 * float((relative <= WITHIN).mean()),
        coverage_pct=100 * float(((low <= 0) & (high >= 0)).mean()),
        width=float(np.exp(np.median(high - low))),
    )
