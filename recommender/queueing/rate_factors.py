"""How far the closed form's largest rate is from the simulated one: measured factors.

upper   simulated rate <= upper * closed-form rate in 95 % of settings: the optimistic rate that
        lazy refinement starts from
lower   simulated rate >= max(lower * rate for tightened limits, plain * closed-form rate) in 95 %
        of settings: the rate of `--fast`. Where the percentile hardly depends on the rate, a small
        error of the percentile is a large one of the rate, and tightened limits allow for that;
        where the targets are near the idle latency, the plain factor loses less

The simulated rate is the one whose upper confidence limits meet the targets, so that a perfect
formula would have factors a little below 1. Limits of goodput are joined optimistically above and
safely below (`missed`). Settings, targets and seeds: `benchmarks/queueing_accuracy.py`; half of
the settings ask for p99s of all requests, the others for percentiles from p50 to p99.9, buckets of
lengths, or goodput. Each pair of lower factors was chosen to cover 95 % of both halves as it is
used, on the seed 20261122; those of several ranks and the upper factors also on the seed 777.
Coverage is recorded in `benchmarks/README.md`.

That is over all settings. Below half of the capacity, where a limit is so near to the idle latency
that one or two collisions decide, the upper bound held for 88 % of the kinds of prefill pools, 76 %
of decode pools and 94 % of replicas that do both (from half on: 98, 98 and 100 %;
`benchmarks/bounds_at_the_edge.py`). Rates in plans are simulated and not touched by it, but a kind
could be left out that is better than its bound says. With wider bounds, 52 requests at such limits
had the same cost within 1.2 %, where a simulated rate is known to 1 %, and pools simulated up to 13
times as many kinds.

Bursty arrivals: the tightened limits alone, at a
looser share, and the engine simulates instead of trusting it. Beyond a burstiness of 1.75 there is
no safe lower factor; the upper ones of that row are of the seed 20261121, and beyond 3 nothing was
measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.queueing.laws import Array


@dataclass(frozen=True, slots=True)
class RateFactors:
    """Factors up to a burstiness, for replicas of one attention rank and of several."""

    most_burstiness: float
    target_share: float
    """What the tightened limits are multiplied by."""
    one_rank_upper: float
    one_rank_lower: float
    one_rank_plain: float
    several_ranks_upper: float
    several_ranks_lower: float
    several_ranks_plain: float


MEASURED = (
    RateFactors(1.25, 0.75, 1.12, 0.65, 0.10, 1.35, 0.70, 0.05),
    RateFactors(1.75, 0.65, 1.08, 0.45, 0.00, 1.42, 0.70, 0.00),
    RateFactors(3.00, 0.65, 1.18, 0.00, 0.00, 2.36, 0.00, 0.00),
)
_BEYOND = RateFactors(float("inf"), 0.65, 1.18, 0.0, 0.0, 2.36, 0.0, 0.0)


def rows_met(burstiness: Array) -> Iterator[tuple[RateFactors, npt.NDArray[np.intp]]]:
    """Rows of these coefficients of variation, shape (n,), and the positions that each is for."""
    edges = [row.most_burstiness for row in MEASURED]
    number = np.searchsorted(edges, burstiness, side="left")
    for place, row in enumerate((*MEASURED, _BEYOND)):
        met = np.flatnonzero(number == place)
        if met.size:
            yield row, met


def rate_factors(burstiness: float) -> RateFactors:
    """The row for a coefficient of variation of the gaps between arrivals."""
    return next((row for row in MEASURED if burstiness <= row.most_burstiness), _BEYOND)
