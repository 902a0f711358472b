"""The largest rate at which a replica meets every target of an SLO, by closed forms.

Every percentile grows with the rate, so the largest rate is the root of

    f(lambda) = max over targets of log( P(metric > limit) / (1 - percentile) )

found by bisection between 0 and the capacity, for all laws at once; no percentile has to be
inverted. Laws go through in blocks that stay in the cache.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing import rate_factors
from recommender.queueing.capacity import replica_capacity
from recommender.queueing.laws import Array, Laws, as_laws
from recommender.queueing.moments import LengthMoments, length_moments
from recommender.queueing.percentiles import exceedance
from recommender.queueing.steady_state import Prepared, prepare, steady_state
from recommender.slo import Slo
from recommender.workload import Workload

Factor = Literal["upper", "central", "lower"]
_FACTORS: dict[Factor, tuple[float, float]] = {
    "upper": (rate_factors.ONE_RANK_UPPER, rate_factors.SEVERAL_RANKS_UPPER),
    "central": (rate_factors.CENTRAL, rate_factors.CENTRAL),
    "lower": (rate_factors.ONE_RANK_LOWER, rate_factors.SEVERAL_RANKS_LOWER),
}
"""For one attention rank, and for several."""
_BLOCK = 2048
_HALVINGS = 14
_IDLE = 1e-4
"""Share of the capacity at which a replica counts as idle."""


def largest_rate(
    law: StepLaw, workload: Workload, slo: Slo, *, factor: Factor = "central"
) -> npt.NDArray[np.float64]:
    """Largest rate of one replica [requests/s], shape (n,); 0 where even idle breaks the SLO.

    `factor` chooses the measured 95 % factor on the rate (`rate_factors`); the result never
    exceeds the capacity.
    """
    laws, moments = as_laws(law), length_moments(workload.lengths)
    rates = np.zeros(len(laws))
    for start in range(0, len(laws), _BLOCK):
        block = slice(start, start + _BLOCK)
        rates[block] = _largest_rates(
            laws.take(block), moments, slo, workload.burstiness, _FACTORS[factor]
        )
    return rates


def _largest_rates(
    laws: Laws, moments: LengthMoments, slo: Slo, burstiness: float, factor: tuple[float, float]
) -> Array:
    most = replica_capacity(laws, moments)
    known = prepare(laws, moments, burstiness=burstiness)
    low = np.full(len(laws), _IDLE)
    high = np.ones(len(laws))
    possible = _meets(known, slo, most * low) & (most > 0.0)
    for _ in range(_HALVINGS):
        share = 0.5 * (low + high)
        good = _meets(known, slo, most * share)
        low = np.where(good, share, low)
        high = np.where(good, high, share)
    scaled = low * np.where(laws.ranks == 1.0, *factor)
    return np.where(possible, most * np.minimum(scaled, 1.0), 0.0)


def _meets(known: Prepared, slo: Slo, rate: Array) -> npt.NDArray[np.bool_]:
    state = steady_state(known, rate / known.laws.ranks)
    good = np.ones(len(known.laws), dtype=np.bool_)
    for target in slo.targets:
        limit = np.full(len(known.laws), target.limit_s)
        good &= exceedance(target.metric, limit, known, state) <= 1.0 - target.percentile
    return good
