"""How many requests a run of one replica needs, so that its largest rate is known well enough.

A run knows a percentile t with a relative half-width h, which falls with the root of the requests
n. What that means for the rate depends on how steeply the percentile grows with it:

    e = d log t / d log lambda          half-width of the rate = h/e
    n = n_0 * (e_0/e)^2,  between n_0 and 16*n_0, at most 1,000,000        e_0 = 0.7

Near the idle latency it hardly grows: two prompts that meet decide. At e = 0.14 (DeepSeek-V2, chat,
200 ms) rates that were found with 40,000 requests scattered by 6 % over seeds, with 640,000 by
1.3 %, and these are 10 % higher, as their upper confidence limits lie nearer. With n as above rates
scatter by some 2 % or less. Goodput keeps n_0: shares that miss a limit grow steeply.

Symbol   Meaning                                                                   Unit
n_0      requests that tell the percentiles, of bursts as a replica meets them     count
         (`verdict.requests_needed`)
e        of the target that limits the rate; both by closed forms at their rate    -
"""

from math import ceil, inf, log

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.largest_rate import largest_rate
from recommender.queueing.latency import target_s
from recommender.queueing.verdict import MOST_DECIDED, requests_needed
from recommender.slo import Slo
from recommender.workload import Workload

STEEP = 0.7
MOST_TIMES = 16.0
_ABOVE = 1.2
"""How far simulated rates may lie above those of closed forms."""
_STEP = 1.1
"""Factor on the rate, up and down, over which e is taken."""


def run_length(law: StepLaw, workload: Workload, slo: Slo) -> int:
    """Requests of a long run of this replica, at whatever rate."""
    rate = float(largest_rate(law, workload, slo)[0])
    met = workload.stream.burstiness_at(np.asarray(_ABOVE * rate))
    told = requests_needed(slo, workload.lengths, burstiness=float(met))
    if slo.goodput is not None:
        return told
    times = (STEEP / elasticity(law, workload, slo, rate)) ** 2
    return max(told, min(ceil(told * min(max(times, 1.0), MOST_TIMES)), MOST_DECIDED))


def elasticity(law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float) -> float:
    """e at a rate; infinite where the percentile is beyond the capacity, near 0 at no rate."""
    if requests_per_s <= 0.0:  # even idle is too slow by closed forms: as flat as can be
        return 1e-9
    low, high = (
        np.array([float(target_s(law, workload, t, requests_per_s * f)[0]) for t in slo.targets])
        for f in (1.0 / _STEP, _STEP)
    )
    limiting = int(np.argmax(high / [target.limit_s for target in slo.targets]))
    if not np.isfinite(high[limiting]) or low[limiting] <= 0.0:
        return inf
    return max(log(high[limiting] / low[limiting]) / (2.0 * log(_STEP)), 1e-9)
