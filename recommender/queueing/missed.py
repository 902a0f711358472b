"""Shares of requests that miss what an SLO asks, by closed forms.

A target j of its own is missed by a share P(metric > limit) of its bucket, of which 1 - p is
allowed. Goodput g allows a share 1 - g of all requests to miss any of its limits. With

    m_j = share of requests in bucket j and with that metric * P(metric > limit | bucket)

the share that misses some limit lies between the largest and the sum (Boole; Bonferroni 1936):

    max_j m_j  <=  P(some limit missed)  <=  min(1, sum_j m_j)

safe         the sum: a rate within it holds whatever depends on what
optimistic   the largest: an upper bound on rates, which lazy refinement needs
central      max + 0.9 * (sum - max): limits look at different parts of a request, and few
             requests miss two. Measured (`benchmarks/queueing_accuracy.py`, 80 settings): the
             median lies 0.87 of the way for two limits that 90 % meet, 0.96 for 98 %
"""

from typing import Literal

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import replica_capacity
from recommender.queueing.laws import Array, as_laws, step_gains
from recommender.queueing.moments import length_moments
from recommender.queueing.nodes import share_of_requests
from recommender.queueing.percentiles import exceedance
from recommender.queueing.steady_state import Prepared, SteadyState, prepare, steady_state
from recommender.slo import Slo, Target
from recommender.workload import Workload

Joining = Literal["safe", "central", "optimistic"]
CENTRAL_OVERLAP = 0.9
"""How far the central form lies from the largest share towards the sum."""


def missed_of_allowed(
    slo: Slo, known: Prepared, state: SteadyState, joining: Joining
) -> list[tuple[Array, float]]:
    """(share missed, shape (n,), share allowed) of every target of its own, then of goodput."""
    found = [(_missed(target, known, state), 1.0 - target.percentile) for target in slo.apart]
    if slo.goodput is not None:
        found.append((_missed_together(slo, known, state, joining), 1.0 - slo.goodput))
    return found


def _missed(target: Target, known: Prepared, state: SteadyState) -> Array:
    limit = np.full(len(known.laws), target.limit_s)
    return exceedance(target.metric, limit, known, state, target.bucket)


def _missed_together(slo: Slo, known: Prepared, state: SteadyState, joining: Joining) -> Array:
    lengths = known.moments.lengths
    missed = np.array(
        [
            share_of_requests(lengths, target.bucket, target.metric) * _missed(target, known, state)
            for target in slo.together
        ]
    )
    largest: Array = missed.max(axis=0)
    total: Array = np.minimum(missed.sum(axis=0), 1.0)
    overlap = {"optimistic": 0.0, "central": CENTRAL_OVERLAP, "safe": 1.0}[joining]
    return largest + overlap * (total - largest)


def goodput(law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float) -> float:
    """Share of requests of one replica that meets all limits, at least (the safe form)."""
    known, states = _at(law, workload, requests_per_s, safe=True)
    missed = sum(w * float(_missed_together(slo, known, at, "safe")[0]) for w, at in states)
    return 1.0 - missed


def use_of_targets(
    law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float
) -> dict[Target, float]:
    """Share of requests that misses each target over the share allowed, at a rate of one replica.

    For a target under goodput: what it alone takes of the share that goodput allows.
    """
    known, states = _at(law, workload, requests_per_s, safe=False)
    used = {}
    for target in slo.targets:
        allowed, share = 1.0 - target.percentile, 1.0
        if slo.goodput is not None and target in slo.together:
            allowed = 1.0 - slo.goodput
            share = share_of_requests(workload.lengths, target.bucket, target.metric)
        missed = sum(w * float(_missed(target, known, at)[0]) for w, at in states)
        used[target] = share * missed / allowed
    return used


def _at(
    law: StepLaw, workload: Workload, requests_per_s: float, *, safe: bool
) -> tuple[Prepared, list[tuple[float, SteadyState]]]:
    """Replicas at each level of the rate, with the share of requests that comes there."""
    moments = length_moments(workload.lengths, step_gains(law))
    laws = as_laws(law, attended=moments.attended)
    known = prepare(laws, moments, stream=workload.stream)
    rate = np.minimum(requests_per_s, replica_capacity(laws, moments))
    levels = workload.levels(safe=safe)
    return known, [
        (w, steady_state(known, rate * part / laws.ranks, relative=part)) for w, part in levels
    ]
