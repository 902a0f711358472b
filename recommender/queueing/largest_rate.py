"""The largest rate at which a replica meets every target of an SLO, by closed forms.

Every percentile grows with the rate, so the largest rate is the root of

    f(lambda) = max over targets of log( share missed / share allowed )      (`missed`)

between 0 and the capacity, for all laws at once; no percentile has to be inverted. It is found
by ITP (Oliveira and Takahashi 2020), a secant that never needs more steps than bisection plus
one. Laws go through in blocks that stay in the cache.

Over a profile of the rate, shares missed are averaged over its levels, weighted by requests: in
each window the queue counts as at rest at that window's rate (pointwise stationary approximation;
Green and Kolesar 1991, Whitt 1991). The largest rate is that of the busiest window, and below the
capacity there too: a plan that is overloaded in its peak is not taken, whatever its percentile.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Literal

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import replica_capacity
from recommender.queueing.laws import Array, Laws, as_laws, step_gains
from recommender.queueing.missed import Joining, missed_of_allowed
from recommender.queueing.moments import LengthMoments, length_moments
from recommender.queueing.rate_factors import MEASURED, rows_met
from recommender.queueing.steady_state import Prepared, prepare, steady_state
from recommender.rate_profile import Level
from recommender.slo import Slo
from recommender.workload import Workload

Factor = Literal["upper", "optimistic", "central", "safe", "lower"]
_JOINING: dict[Factor, Joining] = {
    "upper": "optimistic",
    "optimistic": "optimistic",
    "central": "central",
    "safe": "safe",
    "lower": "safe",
}
_BLOCK = 2048
_MOST_STEPS = 14
_SLACK_STEPS = 1
_TOLERANCE = 2e-3
_MOST_EXCESS = 12.0
IDLE_LOAD = 1e-4
"""Share of the capacity at which a replica counts as idle."""


def largest_rate(
    law: StepLaw, workload: Workload, slo: Slo, *, factor: Factor = "central"
) -> npt.NDArray[np.float64]:
    """Largest rate of one replica [requests/s], shape (n,); 0 where even idle breaks the SLO.

    `factor` chooses how the limits of goodput are joined (`missed`) and, for `upper` and `lower`,
    the measured 95 % factor on the rate (`rate_factors`) at the burstiness that a replica meets at
    its rate; the result never exceeds the capacity.
    """
    moments = length_moments(workload.lengths, step_gains(law))
    laws = as_laws(law, attended=moments.attended)
    most = replica_capacity(laws, moments)
    shares = _all_shares(laws, moments, workload, slo, most, _JOINING[factor])
    seen = workload.stream.burstiness_at(most * shares)
    single = laws.ranks == 1.0
    for row, met in rows_met(seen):
        if factor == "upper":
            shares[met] *= np.where(single, row.one_rank_upper, row.several_ranks_upper)[met]
        elif factor == "lower":
            limits, here = slo.tightened(row.target_share), laws.take(met)
            tight = _all_shares(here, moments, workload, limits, most[met], "safe")
            tight *= np.where(single, row.one_rank_lower, row.several_ranks_lower)[met]
            plain = np.where(single, row.one_rank_plain, row.several_ranks_plain)[met]
            shares[met] = np.maximum(shares[met] * plain, tight)
            if row is not MEASURED[0]:
                calm = _calm(law.take(met), workload, slo)
                shares[met] = np.maximum(shares[met], calm / np.maximum(most[met], 1e-300))
    return most * np.minimum(shares, 1.0)


def _calm(law: StepLaw, workload: Workload, slo: Slo) -> Array:
    """A lower bound at a rate so low that a replica meets steady arrivals only [requests/s].

    There a safe rate for arrivals as bursty as steady ones may be, all of them its own, is safe.
    """
    steady = MEASURED[0].most_burstiness
    below = workload.stream.rate_up_to(steady)
    if below in (0.0, inf):
        return np.zeros(len(law))
    alone = replace(workload, burstiness=steady, requests_per_s=0.0, least_requests_per_s=None)
    return np.minimum(largest_rate(law, alone, slo, factor="lower"), below)


def _all_shares(
    laws: Laws,
    moments: LengthMoments,
    workload: Workload,
    slo: Slo,
    most: Array,
    joining: Joining,
) -> Array:
    """Largest rate of every law over its capacity `most`; 0 where even idle breaks the SLO."""
    shares = np.zeros(len(laws))
    levels = workload.levels(safe=joining == "safe")
    for part in _blocks(np.flatnonzero(most > 0.0)):
        idle = most[part] * IDLE_LOAD
        known = prepare(laws.take(part), moments, stream=workload.stream)
        possible = part[_excess(known, slo, idle, joining, levels) <= 0.0]
        for block in _blocks(possible):
            known = prepare(laws.take(block), moments, stream=workload.stream)
            shares[block] = _largest_shares(known, slo, most[block], joining, levels)
    return shares


def _blocks(positions: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
    return np.array_split(positions, max(-(-positions.size // _BLOCK), 1))


def _largest_shares(
    known: Prepared, slo: Slo, most: Array, joining: Joining, levels: Sequence[Level]
) -> Array:
    """Largest rate over the capacity `most`, for replicas that hold when idle."""
    low = np.full(most.size, IDLE_LOAD)
    high = np.ones(most.size)
    low_excess = np.minimum(_excess(known, slo, most * low, joining, levels), 0.0)
    allowed = [1.0 - target.percentile for target in slo.apart]
    allowed += [] if slo.goodput is None else [1.0 - slo.goodput]
    high_excess = np.full(most.size, -np.log(min(allowed)))
    for step in range(_MOST_STEPS):
        share = _next_share(low, high, low_excess, high_excess, step)
        excess = _excess(known, slo, most * share, joining, levels)
        good = excess <= 0.0
        low, low_excess = np.where(good, share, low), np.where(good, excess, low_excess)
        high, high_excess = np.where(good, high, share), np.where(good, high_excess, excess)
        if np.all(high - low <= _TOLERANCE * low):
            break
    return low


def _next_share(low: Array, high: Array, low_excess: Array, high_excess: Array, step: int) -> Array:
    """ITP: the secant's root, truncated and projected near enough to the middle."""
    width = high - low
    middle = 0.5 * (low + high)
    secant = low - low_excess * width / (high_excess - low_excess + 1e-300)
    towards = np.sign(middle - secant)
    truncated = secant + towards * np.minimum(0.2 * width * width, np.abs(middle - secant))
    reach = np.maximum(2.0 ** (_SLACK_STEPS - step - 1) - 0.5 * width, 0.0)
    near = np.abs(truncated - middle) <= reach
    chosen: Array = np.where(near, truncated, middle - towards * reach)
    return chosen


def _excess(
    known: Prepared, slo: Slo, rate: Array, joining: Joining, levels: Sequence[Level]
) -> Array:
    """f: above 0 where a target is missed; bounded, so that the secant is."""
    used = np.zeros((len(slo.apart) + (slo.goodput is not None), len(known.laws)))
    for weight, relative in levels:
        state = steady_state(known, rate * relative / known.laws.ranks, relative=relative)
        for row, (missed, allowed) in enumerate(missed_of_allowed(slo, known, state, joining)):
            used[row] += weight * missed / allowed
    worst: Array = np.log(np.maximum(used.max(axis=0), np.exp(-_MOST_EXCESS)))
    return worst
