"""The rate of one replica over a replay, constant in steps: before, during and after a failure.

Requests come at `rates[i]` from `edges_s[i]` to `edges_s[i + 1]`: of all requests of the service
the replica gets a larger or a smaller share.
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.state import Floats


@dataclass(frozen=True, slots=True)
class Load:
    """Rates in requests/s between `edges_s`, which rise from 0 and are one more than `rates`."""

    edges_s: tuple[float, ...]
    rates: tuple[float, ...]

    def at(self, times_s: Floats) -> Floats:
        """Rate at these times, 0 after the last edge [requests/s]."""
        step = np.searchsorted(self.edges_s, times_s, side="right") - 1
        rates: Floats = np.array([*self.rates, 0.0])[np.minimum(step, len(self.rates))]
        return rates
