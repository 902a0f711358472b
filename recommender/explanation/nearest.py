"""The nearest miss of an SLO: which idle replica comes closest to all its targets.

    longest output within an end-to-end target L, idle:   o = floor( 1 + A * (L - ttft) / a )

ttft is that of the mean prompt alone, frontend + k*a + sigma*(d*c + q*phi*c^2/2), of which c tokens
are computed in k chunks and the rest is found in a prefix cache (phi: `workload`); a is the
shortest step, which gives A tokens: no engine on this hardware serves more output tokens within L,
whatever the load.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recommender.decision.study import Study, quickest_prompt_s
from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity
from recommender.queueing.largest_rate import IDLE_LOAD
from recommender.queueing.latency import target_s
from recommender.queueing.laws import as_laws
from recommender.queueing.nodes import share_of_requests
from recommender.request.request import Request
from recommender.slo import Target
from recommender.wording import duration_apart, duration_text
from recommender.workload import Lengths

LEAST_RATE = 1e-9
"""Requests/s of replicas without any capacity."""
EVALUATED = 64

Positions = npt.NDArray[np.intp]


def nearest_to_slo(study: Study, among: Positions | None = None) -> str:
    """The kind whose worst target is missed least when idle, as a sentence with its number.

    Of the kinds `among` these positions; without them, of all that are too slow. One that holds
    all of them idle is left out for what it does under load.
    """
    table, request = study.table, study.request
    too_slow = np.flatnonzero(study.rates.rate <= 0) if among is None else among
    if len(too_slow) == 0:
        return ""
    # Only the quickest by a simple bound are evaluated: this is one sentence of a report.
    quick_s = quickest_prompt_s(table.law.take(too_slow), request.workload.lengths)
    too_slow = too_slow[np.argsort(quick_s, kind="stable")[:EVALUATED]]
    excess = idle_of_limits(table.law.take(too_slow), request)
    nearest = int(np.argmin(excess.max(axis=0)))
    worst = int(np.argmax(excess[:, nearest]))
    target = request.slo.targets[worst]
    reached = duration_apart(float(excess[worst, nearest]) * target.limit_s, target.limit_s)
    idle = (
        f"{table.describe(int(too_slow[nearest]))}: idle {allowed_target(request, target).name} "
        f"{reached}, target {duration_text(target.limit_s)}"
    )
    if excess[worst, nearest] <= 1.0:
        return f"{idle}: targets are met idle and missed under any load"
    return idle


def idle_of_limits(law: StepLaw, request: Request) -> npt.NDArray[np.float64]:
    """What idle replicas reach over what each target allows, shape (targets, n)."""
    idle = np.maximum(IDLE_LOAD * capacity(law, request.workload.lengths), LEAST_RATE)
    return np.stack(
        [
            target_s(law, request.workload, allowed_target(request, target), idle) / target.limit_s
            for target in request.slo.targets
        ]
    )


def allowed_target(request: Request, target: Target) -> Target:
    """Under goodput a bucket of share s may miss its limit with (1 - g) / s of its requests."""
    goodput = request.slo.goodput
    if goodput is None or target not in request.slo.together:
        return target
    share = share_of_requests(request.workload.lengths, target.bucket, target.metric)
    return replace(target, percentile=max(1.0 - (1.0 - goodput) / share, 0.0) if share else 0.0)


def end_to_end_bound(study: Study) -> tuple[str, ...]:
    """For every end-to-end target: the longest output that physics allows, as a sentence."""
    law, lengths = study.table.law, study.request.workload.lengths
    if len(study.table) == 0:
        return ()
    first_s = _mean_prompt_alone_s(law, lengths)
    sentences = []
    for target in study.request.slo.targets:
        if target.metric == "e2e":
            steps = (target.limit_s - first_s) / law.a
            longest = np.floor(1 + law.tokens_per_step * steps)
            best = int(np.argmax(longest))
            sentences.append(
                f"end to end: within {duration_text(target.limit_s)} the fastest idle replica "
                f"({study.table.describe(best)}) gives a prompt of {lengths.mean_input:,.0f} "
                f"tokens at most {max(longest[best], 0):,.0f} output tokens; the workload has "
                f"{lengths.mean_output:,.0f} on average"
            )
    return tuple(sentences)


def _mean_prompt_alone_s(law: StepLaw, lengths: Lengths) -> npt.NDArray[np.float64]:
    """ttft, shape (n,) [s]."""
    laws = as_laws(law, attended=lengths.attended_factor)
    computed = np.full(len(laws), lengths.mean_computed)
    chunks = np.ceil(computed / laws.chunk_tokens)
    return laws.frontend_s + chunks * laws.a + laws.own_prompt_s(computed)
