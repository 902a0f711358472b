"""Demand over the day, read from a trace: what `--profile FILE` takes (read in `workload_file`).

    share of hour h  =  max over days of the busiest 300 s in hour h   /   the busiest 300 s at all

rounded up to whole percents. Hours count from the first request of the trace, whose clock is not
known. A fleet of an hour follows no single minutes, so demand is counted over 300 s. `--qps` goes
with it: the rate of the busiest 300 s.
"""

from itertools import groupby
from math import ceil

import numpy as np

from recommender.traces.trace import Trace
from recommender.units import SECONDS_PER_HOUR

WINDOW_S = 300.0
HOURS = 24
NEARLY_A_DAY_S = 23.5 * SECONDS_PER_HOUR
"""A trace of a day ends before its last hour does."""


def day_profile(trace: Trace) -> str | None:
    """`0-1h:31%,1-2h:28%,...`; None for a trace that is shorter than a day."""
    if trace.duration_s < NEARLY_A_DAY_S:
        return None
    windows = np.bincount((trace.arrival_s // WINDOW_S).astype(np.int64))
    hour = (np.arange(windows.size) * WINDOW_S // SECONDS_PER_HOUR).astype(np.int64) % HOURS
    largest = [int(windows[hour == h].max()) for h in range(HOURS)]
    percents = [ceil(100 * count / max(largest) - 1e-9) for count in largest]
    periods = []
    start = 0
    for percent, hours in groupby(percents):
        end = start + len(list(hours))
        periods.append(f"{start}-{end}h:{percent}%")
        start = end
    return ",".join(periods)
