"""Which rates a request's plan rests on: simulated ones, or closed forms with `--fast`.

The burstier the arrivals that replicas meet, the more of a rate closed forms lose to be safe. How
bursty they are depends on a replica's share of the service (`recommender.stream`): here that of the
median kind at half its capacity, which safe rates seldom exceed.
"""

import numpy as np

from recommender.decision.rates import Trust
from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity
from recommender.queueing.rate_factors import rate_factors
from recommender.request.request import Request
from recommender.request.spec import Spec

LEAST_SAFE_FACTOR = 0.5
"""Burstier arrivals, for which closed forms lose more, are simulated even with `--fast`."""
USUAL_LOAD = 0.5


def trust_of(spec: Spec, request: Request, law: StepLaw) -> Trust:
    """Closed forms for `--fast`, as long as their safe factor is not more than half the rate."""
    return Trust.SAFE if spec.fast and closed_forms_serve(request, law) else Trust.SIMULATED


def closed_forms_serve(request: Request, law: StepLaw) -> bool:
    """Whether the safe factor of closed forms leaves most kinds, shape (n,), enough of a rate."""
    if len(law) == 0:
        return True
    workload = request.workload.quietest
    met = workload.stream.burstiness_at(USUAL_LOAD * capacity(law, workload.lengths))
    return rate_factors(float(np.median(met))).one_rank_lower >= LEAST_SAFE_FACTOR
