"""In which quieter periods rates must hold, and what share of its rate a replica carries there.

Of bursts a replica gets a larger share where there are fewer requests (`recommender.stream`), and
holds less. A program has one rate lambda per kind, of which a kind carries rho[t] in period t, so
that it is the least of what it holds in any period, each over its rho:

    lambda_j = min over t of  R_j(Q[t]) / rho[t]             rho = 1 in the peak
    rho[t]   = min over b of  R_b(Q[t]) / R_b(Q peak)        b: the cheapest kinds for their rate

Whatever rho is, all kinds hold; one that is too large takes from their rate in the peak, one that
is too small asks for more at night. With rho[t] = Q[t]/Q peak the fleet of the peak stays for the
period, so it is no less. The optimum is that of plans with these rho: kinds with others could be
combined for a little less. Periods whose rho are near are looked at together, in the quietest of
them. Where rho is near 1 in all of them, rates are those of the quietest, as of arrivals that are
nearly Poisson.

Symbol  Meaning                                                              Unit
Q[t]    rate of the service in period t                                      requests/s
R_j(Q)  largest rate of a replica of kind j of such a service                requests/s
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from recommender.deadline import Deadline, OutOfTime
from recommender.enumeration.enumeration import Enumeration
from recommender.performance.step_law import StepLaw
from recommender.queueing.largest_rate import largest_rate
from recommender.request.request import Request
from recommender.slo import Slo
from recommender.workload import Workload

NEAR = 0.97
"""Of another rho: periods that are looked at together."""
KINDS = 4
"""Accelerators whose rates say what rho is."""
DEARER = 2.0
"""Most that one costs for its rate, over the cheapest: whole and spare nodes decide as well."""
MOST = 5
"""Periods that are looked at apart: every kind that is simulated is simulated in each."""
SHARE_OF_TIME = 0.2


def with_quieter_periods(
    request: Request, enumeration: Enumeration, *, deadline: Deadline | None = None
) -> Request:
    """The request with `quieter` in its workload, where arrivals come in bursts over a day.

    With a deadline these kinds are simulated, as far as time allows.
    """
    workload, spec = request.workload, request.spec
    if workload.least_requests_per_s is None:
        return request
    shares = {period.share for period in spec.periods if period.share > 0}
    rates = sorted((share * spec.qps for share in shares if share < 1.0), reverse=True)
    cheapest = _cheapest(request, enumeration)
    if not rates or not cheapest:
        return request
    services = [workload.of_period(rate) for rate in (spec.qps, *rates)]
    least = [1.0] * len(rates)
    for position in cheapest:
        law = enumeration.table.law.take(position)
        held = [float(largest_rate(law, service, request.slo)[0]) for service in services]
        if deadline is not None:
            held = _simulated(law, services, request.slo, held, deadline)
        least = [min(a, b / held[0]) for a, b in zip(least, held[1:], strict=True)]
    planned = [max(a, rate / spec.qps) for a, rate in zip(least, rates, strict=True)]
    quieter = _looked_at(rates, list(accumulate(planned, min)))
    if quieter[0][1] >= NEAR and len(quieter) == 1:
        return request
    return replace(request, workload=replace(workload, quieter=quieter))


def _simulated(
    law: StepLaw,
    services: Sequence[Workload],
    slo: Slo,
    guesses: Sequence[float],
    deadline: Deadline,
) -> list[float]:
    """Largest rates of one kind by simulation; the guesses where one has none, or time is up."""
    from recommender.queueing.simulated_rate import simulated_rate

    found = []
    try:
        for service, guess in zip(services, guesses, strict=True):
            run = simulated_rate(law, service, slo, guess=guess, before_run=deadline.check)
            found.append(run.requests_per_s)
    except OutOfTime:
        return list(guesses)
    return found if found[0] > 0 else list(guesses)


def _looked_at(rates: Sequence[float], planned: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The quietest of each run of periods with near rho; `rates` and `planned` fall."""
    near = NEAR
    while True:
        kept: list[tuple[float, float]] = []
        for rate, share in zip(reversed(rates), reversed(planned), strict=True):
            if not kept or share * near > kept[-1][1]:
                kept.append((rate, share))
        if len(kept) <= MOST:
            return tuple(reversed(kept))
        near *= NEAR


def _cheapest(request: Request, enumeration: Enumeration) -> list[int]:
    """Kinds that cost little for their rate in the peak, the best of each accelerator."""
    table, market = enumeration.table, enumeration.market
    price = np.full(len(table.hardware), np.inf)
    for offer, kinds in zip(market.offers, market.kinds_of_offer, strict=True):
        each = offer.usd_per_h / offer.node_accelerators
        for kind in kinds:
            price[kind] = min(price[kind], each)
    peak = request.workload.of_period(request.spec.qps)
    rate = largest_rate(table.law, peak, request.slo)
    cost = price[table.hardware_index] * table.accelerators
    per_rate = np.where(rate > 0, cost / np.maximum(rate, 1e-300), np.inf)
    found: dict[str, int] = {}
    for position in np.argsort(per_rate, kind="stable"):
        if not per_rate[position] <= DEARER * per_rate.min() or len(found) == KINDS:
            break
        hardware = table.hardware[table.hardware_index[position]]
        found.setdefault(hardware.accelerator.name, int(position))
    return list(found.values())
