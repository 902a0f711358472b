"""How the rate of a service changes over the stretch that percentiles are counted over.

    r_i = rate in window i / rate in the busiest window,      i = 0..n-1 in order of time
    share of requests that come in window i = r_i / sum(r)

Closed forms take a few levels: windows sorted by rate, cut where these shares of requests are
slower, narrow where it is busy. A level stands for a group by the mean of r over its requests
(exceedance is convex in the rate, so this is optimistic), or by its busiest window (safe).
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_CUTS = (0.0, 0.2, 0.4, 0.6, 0.75, 0.87, 0.94, 0.98, 1.0)
_LEAST_SHARE = 1e-9

Level = tuple[float, float]
"""(share of the requests, rate over that of the busiest window)."""

PEAK_ALONE: tuple[Level, ...] = ((1.0, 1.0),)
"""The busiest window for all the time."""


@dataclass(frozen=True, eq=False)
class RateProfile:
    """Rates of windows of equal length.

    Attributes
    ----------
    relative
        r_i, shape (n,), not negative; the largest is 1 [1].
    window_s
        Length of a window [s].
    """

    relative: npt.NDArray[np.float64]
    window_s: float

    def __post_init__(self) -> None:
        rates = self.relative
        if rates.ndim != 1 or rates.size == 0 or not np.isclose(rates.max(initial=0.0), 1.0):
            raise ValueError("rates are relative to those of the busiest window, which has 1")
        if rates.min() < 0.0 or not self.window_s > 0.0:
            raise ValueError("rates are not negative, and windows have a length")

    @cached_property
    def mean(self) -> float:
        """Mean rate over that of the busiest window."""
        return float(self.relative.mean())

    def levels(self, *, safe: bool) -> tuple[Level, ...]:
        """At most 8 levels, slow ones first; their shares add up to 1."""
        rates = np.sort(self.relative)
        ends = np.concatenate([[0.0], np.cumsum(rates) / rates.sum()])
        found = []
        for low, high in pairwise(_CUTS):
            inside = np.minimum(ends[1:], high) - np.maximum(ends[:-1], low)
            inside = np.where(inside > _LEAST_SHARE, inside, 0.0)
            mean = float(inside @ rates / inside.sum())
            found.append((high - low, float(rates[inside > 0.0].max()) if safe else mean))
        return tuple(found)

    def thinned(self, most: int) -> "RateProfile":
        """At most `most` windows, in order of time: of neighbours in rate the busiest stays."""
        count = self.relative.size
        if count <= most:
            return self
        order = np.argsort(self.relative, kind="stable")
        busiest = np.ceil(np.arange(1, most + 1) * count / most).astype(np.intp) - 1
        return RateProfile(self.relative[np.sort(order[busiest])], self.window_s)
