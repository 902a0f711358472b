r"""A warning where a plan rests on bursts that random routing spreads over many replicas.

Replicas are sized, and replayed, for the bursts that reach them when each request goes to one of
them at random (`recommender.stream`). Where a burst goes on for longer than requests stay, all
replicas have more to do at once: that is a higher rate, for which there is headroom. Where requests
of one user or session go to one replica, so do their bursts.

Over a day the peak has most replicas, of which each meets least of a burst: where quieter periods
leave more, or are nearer to the limit, the sentence names them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from recommender.assembly.assemble import Assembled
from recommender.plan import Deployment, PeriodPlan
from recommender.request.request import Request
from recommender.stream import Stream

BURSTY = 1.5
"""Up to here a plan costs little more than one of Poisson arrivals."""
SPREAD = 0.9
"""A replica that meets more of the burstiness than this hardly rests on routing."""


MORE = 1.05
"""Burstiness at replicas in a quieter period, over that in the peak, that is worth a word."""


def burst_warnings(
    request: Request, parts: Assembled, periods: Sequence[PeriodPlan] = ()
) -> Iterator[str]:
    """One sentence for the plan, and for its day where it has periods."""
    stream = request.workload.stream
    if stream.burstiness <= BURSTY:
        return
    met = _met(stream, parts.deployments)
    if met < SPREAD * stream.burstiness:
        yield (
            f"bursts of cv {stream.burstiness:.3g} leave cv {met:.3g}"
            f"{_quieter(stream, met, periods)} at the replica with most requests, as each goes to "
            f"one at random{_nearest(request, periods)}; bursts that outlast requests, or routing "
            "by user, bring replicas more: replay your own trace (recommend verify PLAN --trace), "
            "or leave more --headroom"
        )


def _met(stream: Stream, deployments: Sequence[Deployment]) -> float:
    """Burstiness at the replica with most requests."""
    rates = np.array([d.requests_per_s / d.dp for d in deployments])
    return float(stream.burstiness_at(rates).max())


def _quieter(stream: Stream, met: float, periods: Sequence[PeriodPlan]) -> str:
    """The period that leaves most of a burst to a replica, where that is more than in the peak."""
    served = [period for period in periods if period.deployments]
    found = [
        (_met(Stream(stream.burstiness, period.requests_per_s), period.deployments), period)
        for period in served
    ]
    most, period = max(found, key=lambda pair: pair[0], default=(0.0, None))
    if period is None or most <= MORE * met:
        return ""
    return f" in the peak, and cv {most:.3g} in {_hours(period)} at {period.requests_per_s:.3g}/s,"


def _nearest(request: Request, periods: Sequence[PeriodPlan]) -> str:
    """The quieter period whose percentile is the largest; under goodput none is limited."""
    slowest = max(periods, key=lambda period: period.p99_s or 0.0, default=None)
    if slowest is None or slowest.p99_s is None or request.slo.goodput is not None:
        return ""
    if slowest.requests_per_s >= max(period.requests_per_s for period in periods):
        return ""
    return f"; {request.slo.primary.name} is nearest to its limit in {_hours(slowest)}"


def _hours(period: PeriodPlan) -> str:
    return f"{period.from_h:.4g}-{period.to_h:.4g} h"
