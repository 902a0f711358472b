"""The requests of a whole service, and what one replica sees of them under random routing.

They arrive as a renewal process of rate Q whose gaps have the coefficient of variation c. A replica
that carries lambda of them gets each one with probability p, and sees a renewal process again: its
gaps are sums of a geometric number of gaps (Cox 1962, 7.2), so that

    p = min(1, lambda/Q)                c_r^2 = 1 + p*(c^2 - 1)

Of the requests that are near to one of its own it gets the share p, as of all others: relative to
its own rate it meets the clumps of the stream (`queueing.clumping`). A replica's law of latency
depends on its own rate and on Q alone, whatever the others are.

Symbol   Meaning                                                                   Unit
Q        rate of the stream                                                        requests/s
lambda   rate of a replica                                                         requests/s
"""

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

Rates = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """Arrivals of which a replica gets some at random.

    Attributes
    ----------
    burstiness
        c, coefficient of variation of the times between arrivals; 1 is Poisson.
    requests_per_s
        Q; a replica that carries as much or more gets every request, and with 0 so does each.
    """

    burstiness: float = 1.0
    requests_per_s: float = 0.0

    def shared_by(self, requests_per_s: Rates) -> Rates:
        """Rate of the stream that replicas of these rates get their requests from [requests/s]."""
        return np.maximum(requests_per_s, self.requests_per_s)

    def share(self, requests_per_s: float) -> float:
        """p of a replica that carries `requests_per_s`, which is above 0."""
        return min(1.0, requests_per_s / self.requests_per_s) if self.requests_per_s else 1.0

    def burstiness_at(self, requests_per_s: Rates) -> Rates:
        """c_r of replicas that carry `requests_per_s`, shape (n,)."""
        share = requests_per_s / np.maximum(self.shared_by(requests_per_s), 1e-300)
        found: Rates = np.sqrt(1.0 + share * (self.burstiness**2 - 1.0))
        return found

    def rate_up_to(self, burstiness: float) -> float:
        """Largest rate of a replica that meets at most this burstiness, above 1 [requests/s]."""
        if self.burstiness <= burstiness:
            return inf
        return self.requests_per_s * (burstiness**2 - 1.0) / (self.burstiness**2 - 1.0)


POISSON = Stream()
