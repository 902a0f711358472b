"""The rate at which the table of candidates shows power and latencies: one that is sure.

    settled          min(rate, closed form)
    never simulated  min(rate, closed form at its lower 95 % factor)

`rate` of a kind that was never simulated is an upper bound: a replica that cannot win in spite of
it needs no simulation. There a closed form has latencies far above the SLO, up to those of a
replica at its capacity, which no plan would run. Where closed forms find no rate at all, none is
sure, and nothing is shown at it.
"""

import numpy as np
import numpy.typing as npt

from recommender.decision.rates import held_rate
from recommender.decision.study import Study
from recommender.queueing.capacity import capacity

BELOW_CAPACITY = 0.99
"""At the capacity itself no percentile is finite."""


def sure_rate(study: Study, positions: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Rate of each kind that holds the SLO for sure [requests/s], shape of `positions`; or 0."""
    rates, request = study.rates, study.request
    law, slo = study.table.law.take(positions), request.slo
    settled = rates.settled[positions]
    closed_form = np.where(
        settled,
        held_rate(law, rates.workload, slo),
        held_rate(law, rates.workload, slo, factor="lower"),
    )
    below = BELOW_CAPACITY * capacity(law, request.workload.lengths)
    return np.minimum(np.minimum(rates.rate[positions], closed_form), below)
