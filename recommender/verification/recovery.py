"""When the tail is back inside its target after a failure.

The time after the failure is cut into buckets in which 1,000 requests arrive, over all incidents.
With n_k requests in bucket k, of which m_k miss the limit, the tail is back at the first bucket
with

    m_k <= (1 - p) n_k      and      sum of m_j over j >= k  <=  (1 - p) * sum of n_j over j >= k

so that neither this bucket nor the rest of the phase has its percentile p beyond the limit. For
goodput m_k misses any of the limits, and p is the share that is asked for.
"""

import numpy as np
import numpy.typing as npt

from recommender.queueing.nodes import in_bucket
from recommender.queueing.simulated import Simulated
from recommender.queueing.state import Floats
from recommender.slo import Slo, Target

PER_BUCKET = 1_000


def back_inside_s(run: Simulated, target: Target, *, start_s: float, end_s: float) -> float | None:
    """Moment in the phase from `start_s` to `end_s` from which the target is met; None if never.

    Requests of `run` that arrived before the phase count at its start: they were sent on then.
    """
    counts = in_bucket(target.bucket, run.input_tokens, run.output_tokens)
    if target.metric == "tpot":
        counts &= ~np.isnan(run.tpot_s)
    missed = ~run.met((target,))
    return _back(run.arrival_s[counts], missed[counts], 1.0 - target.percentile, start_s, end_s)


def goodput_back_s(run: Simulated, slo: Slo, *, start_s: float, end_s: float) -> float | None:
    """The same for the share of requests that meet all limits; None also if none is asked for."""
    if slo.goodput is None:
        return None
    return _back(run.arrival_s, ~run.met(slo.together), 1.0 - slo.goodput, start_s, end_s)


def _back(
    arrival_s: Floats, missed: npt.NDArray[np.bool_], allowed: float, start_s: float, end_s: float
) -> float | None:
    since_s = np.maximum(arrival_s - start_s, 0.0)
    buckets = max(since_s.size // PER_BUCKET, 1)
    width_s = (end_s - start_s) / buckets
    place = np.minimum((since_s / width_s).astype(np.int64), buckets - 1)
    requests = np.bincount(place, minlength=buckets)
    misses = np.bincount(place[missed], minlength=buckets)
    here = (requests > 0) & (misses <= allowed * requests)
    rest = np.cumsum(misses[::-1])[::-1] <= allowed * np.cumsum(requests[::-1])[::-1]
    found = np.flatnonzero(here & rest)
    return start_s + float(found[0]) * width_s if found.size else None
