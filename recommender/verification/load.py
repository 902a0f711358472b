"""The rate of one replica over a replay, constant in steps: before, during and after a failure.

Requests come at `rates[i]` from `edges_s[i]` to `edges_s[i + 1]`. With L(t) the requests expected
until t, a process with one request per second on average becomes one with this rate when its
times x are read as t = L^-1(x) (operational time; Cinlar 1975, 4.7); its burstiness stays.
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.state import Floats


@dataclass(frozen=True, slots=True)
class Load:
    """Rates in requests/s between `edges_s`, which rise from 0 and are one more than `rates`."""

    edges_s: tuple[float, ...]
    rates: tuple[float, ...]

    @property
    def expected(self) -> Floats:
        """Requests expected until each edge, shape (n + 1,) [count]."""
        return np.concatenate([[0.0], np.cumsum(np.diff(self.edges_s) * np.array(self.rates))])

    def when(self, expected: Floats) -> Floats:
        """Times at which that many requests are expected to have come [s]."""
        found: Floats = np.interp(expected, self.expected, self.edges_s)
        return found

    def at(self, times_s: Floats) -> Floats:
        """Rate at these times, 0 after the last edge [requests/s]."""
        step = np.searchsorted(self.edges_s, times_s, side="right") - 1
        rates: Floats = np.array([*self.rates, 0.0])[np.minimum(step, len(self.rates))]
        return rates
