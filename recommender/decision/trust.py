"""Which rates a request's plan rests on: simulated ones, or closed forms with `--fast`."""

from recommender.decision.rates import Trust
from recommender.queueing.rate_factors import rate_factors
from recommender.request.request import Request
from recommender.request.spec import Spec

LEAST_SAFE_FACTOR = 0.5
"""Burstier arrivals, for which closed forms lose more, are simulated even with `--fast`."""


def trust_of(spec: Spec, request: Request) -> Trust:
    """Closed forms for `--fast`, as long as their safe factor is not more than half the rate."""
    return Trust.SAFE if spec.fast and closed_forms_serve(request) else Trust.SIMULATED


def closed_forms_serve(request: Request) -> bool:
    """Whether the safe factor of closed forms leaves enough of a rate."""
    return rate_factors(request.workload.burstiness).one_rank_lower >= LEAST_SAFE_FACTOR
