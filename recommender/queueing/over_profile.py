"""Simulating a workload: at its rate for all the time, or over the profile of its rate.

    L(t) = lambda * integral of r over 0..t           requests expected until t
    t_k  = L^-1(x_k)                                  x_k: arrivals at one request per second

Read in operational time, a renewal process follows the profile and keeps its burstiness (Cinlar
1975, 4.7). A run goes through m whole passes, as few as hold the wanted requests, in real time; it
starts with the end of a pass as warm-up.

Batches for the confidence limits would differ by the trend if each were a stretch of time. So
window i of pass p belongs to batch (i + p) mod K: each samples the whole profile, and ten passes
give every batch every window. What still differs between them widens the limits: the safe side.

Profiles of more than 60 windows are thinned, on the safe side (`rate_profile`).
"""

import dataclasses
from math import ceil

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, draw_requests
from recommender.queueing.policy import KvPolicy, Policy
from recommender.queueing.simulated import BATCHES, Simulated
from recommender.queueing.simulator import COOL_DOWN, lead_requests, replay, simulate
from recommender.queueing.state import Floats, Integers
from recommender.rate_profile import RateProfile
from recommender.workload import Workload

MOST_WINDOWS = 60
_FEWEST_WINDOWS = 2 * BATCHES
"""Of a run, over all passes: at least two in every batch."""
_SPARE_DEVIATIONS = 8.0
_DRAWN = 16_384
"""Draws come in multiples of this, so that near rates share one."""


def simulate_workload(
    law: StepLaw,
    workload: Workload,
    requests_per_s: float,
    *,
    requests: int,
    seed: int,
    kv: KvPolicy = "reserve",
    counts_gaps: bool = True,
) -> Simulated:
    """One replica at `requests_per_s`: over its profile where the workload has one.

    With a profile the rate is that of the busiest window, and about `requests` or more are
    measured: whole passes. Raises ValueError as `simulate` does.
    """
    if workload.rate_profile is None:
        return simulate(
            law, workload.lengths, requests_per_s,
            requests=requests, seed=seed, stream=workload.stream, kv=kv,
            counts_gaps=counts_gaps,
        )  # fmt: skip
    if not (requests_per_s > 0.0 and np.isfinite(requests_per_s)):
        raise ValueError(f"a positive rate is needed, not {requests_per_s} requests/s")
    path = _Path(workload.rate_profile.thinned(MOST_WINDOWS), requests_per_s)
    passes = path.passes(requests)
    lead, end = lead_requests(law, requests), passes * path.per_pass
    draw = _drawn(
        workload,
        lead + end + COOL_DOWN * requests,
        share=workload.stream.share(requests_per_s),
        seed=seed,
        ranks=int(law.ranks),
    )
    expected = draw.arrival - lead
    times_s = path.when(expected)
    arriving = dataclasses.replace(draw, arrival=times_s - times_s[0])
    first, last = (int(place) for place in np.searchsorted(expected, (0.0, end)))
    sections = path.sections(times_s)
    sections[:first], sections[last:] = -1, BATCHES
    run = replay(
        law, arriving, lead=first, measured=last - first, policy=Policy(kv=kv), sections=sections,
        seed=seed, counts_gaps=counts_gaps,
    )  # fmt: skip
    return dataclasses.replace(run, batch=sections[first:last])


def _drawn(workload: Workload, expected: float, *, share: float, seed: int, ranks: int) -> Draw:
    """Requests at one per second until `expected` have come, on average."""
    spread = _SPARE_DEVIATIONS * max(workload.burstiness, 1.0) * expected**0.5
    draw = draw_requests(
        workload.lengths,
        count=_DRAWN * ceil((expected + spread) / _DRAWN),
        seed=seed,
        burstiness=workload.burstiness,
        ranks=ranks,
        share=share,
    )
    return draw.take(np.flatnonzero(draw.arrival < expected))


class _Path:
    """A profile at a rate, repeated for all the time."""

    def __init__(self, profile: RateProfile, requests_per_s: float) -> None:
        self.window_s, self.windows = profile.window_s, profile.relative.size
        in_window = requests_per_s * profile.window_s * profile.relative
        self.expected: Floats = np.concatenate([[0.0], np.cumsum(in_window)])
        self.per_pass = float(self.expected[-1])

    def passes(self, requests: int) -> int:
        return max(ceil(requests / self.per_pass), ceil(_FEWEST_WINDOWS / self.windows))

    def when(self, expected: Floats) -> Floats:
        """L^-1 [s]; 0 is the start of a pass."""
        number = np.floor(expected / self.per_pass)
        edges_s = self.window_s * np.arange(self.windows + 1)
        inside = np.interp(expected - number * self.per_pass, self.expected, edges_s)
        found: Floats = number * self.windows * self.window_s + inside
        return found

    def sections(self, times_s: Floats) -> Integers:
        """Batch of each time."""
        number, window = np.divmod(np.floor(times_s / self.window_s).astype(np.int64), self.windows)
        batches: Integers = (number + window) % BATCHES
        return batches
