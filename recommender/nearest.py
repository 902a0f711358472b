"""The nearest miss of an SLO: which idle replica comes closest to all its targets."""

import numpy as np

from recommender.queueing.latency import latency
from recommender.study import Study, quickest_prompt_s

IDLE = 1e-9
"""Requests/s at which a replica is never busy with two requests."""


EVALUATED = 64


def nearest_to_slo(study: Study) -> str:
    """The kind whose worst target is missed least when idle, as a sentence with its number."""
    table, request = study.table, study.request
    too_slow = np.flatnonzero(study.rates.rate <= 0)
    if len(too_slow) == 0:
        return ""
    # Only the quickest by a simple bound are evaluated: this is one sentence of a report.
    quick_s = quickest_prompt_s(table.law.take(too_slow), request.workload.lengths)
    too_slow = too_slow[np.argsort(quick_s, kind="stable")[:EVALUATED]]
    law = table.law.take(too_slow)
    excess = np.zeros((len(request.slo.targets), len(too_slow)))
    for row, target in enumerate(request.slo.targets):
        idle = latency(
            law,
            request.workload.lengths,
            IDLE,
            percentile=target.percentile,
            metrics=(target.metric,),
        )
        excess[row] = getattr(idle, f"{target.metric}_s") / target.limit_s
    nearest = int(np.argmin(excess.max(axis=0)))
    worst = int(np.argmax(excess[:, nearest]))
    target = request.slo.targets[worst]
    reached_ms = excess[worst, nearest] * target.limit_s * 1e3
    return (
        f"{table.describe(int(too_slow[nearest]))}: idle {target.metric.upper()} "
        f"p{100 * target.percentile:g} {reached_ms:.3g} ms, target {target.limit_s * 1e3:.3g} ms"
    )
