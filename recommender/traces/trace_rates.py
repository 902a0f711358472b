"""The rate per minute of a superposed trace: what `--slo-over trace` counts percentiles over.

The minutes are those whose busiest has the wanted rate (`superpose`); a last part of a minute is
left out. Copies are shifted against each other, so that many of them are flatter than the trace.
"""

import numpy as np

from recommender.rate_profile import RateProfile
from recommender.traces.superpose import PEAK_WINDOW_S, Superposition


def rate_profile(arrivals: Superposition) -> RateProfile:
    """Rates of the whole minutes of the sum, over that of the busiest."""
    per_second = np.bincount(arrivals.trace.arrival_s.astype(np.int64)).astype(np.float64)
    total = np.zeros_like(per_second)
    for shift in arrivals.shift_s:
        total += np.roll(per_second, int(shift))
    whole = total.size // PEAK_WINDOW_S * PEAK_WINDOW_S
    minutes = total[:whole].reshape(-1, PEAK_WINDOW_S).sum(axis=1)
    return RateProfile(minutes / minutes.max(), float(PEAK_WINDOW_S))
