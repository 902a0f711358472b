"""Latency of one replica kind at the rate it really carries: simulated beside predicted."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from recommender.performance.step_law import StepLaw
from recommender.queueing.latency import latency, target_s
from recommender.queueing.missed import goodput
from recommender.queueing.run_length import run_length
from recommender.queueing.simulated import Simulated
from recommender.queueing.verdict import OTHER_SEED
from recommender.slo import EVERY_REQUEST, METRICS, Metric, Slo, Target
from recommender.workload import Workload

_P99 = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedLatency:
    """Times at a rate [s]: of the closed form, and simulated where that was asked for.

    Attributes
    ----------
    ttft_s, tpot_s, itl_s, e2e_s
        p99 over all requests.
    targets_s
        The percentile that each target of the SLO asks about, in its order.
    targets_half_width_s
        How far each may be off at 95 % one-sided, by the spread of the run; none of closed forms.
    goodput
        Share of requests that meet all limits; None where the SLO does not ask. Of the closed
        form it is the safe bound (`queueing.missed`).
    """

    ttft_s: float
    tpot_s: float
    itl_s: float
    e2e_s: float
    ttft_predicted_s: float
    tpot_predicted_s: float
    e2e_predicted_s: float
    targets_s: tuple[float, ...]
    targets_predicted_s: tuple[float, ...]
    targets_half_width_s: tuple[float, ...]
    goodput: float | None
    goodput_predicted: float | None


@dataclass(frozen=True, slots=True)
class _Found:
    p99_s: Mapping[Metric, float]
    targets_s: tuple[float, ...]
    half_widths_s: tuple[float, ...]
    goodput: float | None


def latency_at(
    law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float, *, simulate: bool
) -> CarriedLatency:
    """Times of one replica that carries `requests_per_s`."""
    closed = _predicted(law, workload, slo, requests_per_s)
    found = _simulated(law, workload, slo, requests_per_s) if simulate else closed
    return CarriedLatency(
        **{f"{m}_s": found.p99_s[m] for m in METRICS},
        **{f"{m}_predicted_s": closed.p99_s[m] for m in ("ttft", "tpot", "e2e")},
        targets_s=found.targets_s,
        targets_predicted_s=closed.targets_s,
        targets_half_width_s=found.half_widths_s,
        goodput=found.goodput,
        goodput_predicted=closed.goodput,
    )


def first_target_s(
    law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float, *, simulate: bool
) -> float:
    """What `latency_at` has first in `targets_s`, and nothing beside it [s]."""
    first = slo.primary
    if simulate:
        run = _run(law, workload, slo, requests_per_s, counts_gaps=first.metric == "itl")
        return run.percentile(first.metric, first.percentile, first.bucket)
    return float(target_s(law, workload, first, requests_per_s)[0])


def _predicted(law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float) -> _Found:
    at = latency(
        law,
        workload.lengths,
        requests_per_s,
        stream=workload.stream,
        percentile=_P99,
        levels=workload.levels(),
    )
    p99_s = {metric: float(getattr(at, f"{metric}_s")[0]) for metric in METRICS}

    def asked_s(target: Target) -> float:
        if target.percentile == _P99 and target.bucket == EVERY_REQUEST:
            return p99_s[target.metric]
        return float(target_s(law, workload, target, requests_per_s)[0])

    return _Found(
        p99_s,
        tuple(asked_s(target) for target in slo.targets),
        (),
        None if slo.goodput is None else goodput(law, workload, slo, requests_per_s),
    )


def _simulated(law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float) -> _Found:
    run = _run(law, workload, slo, requests_per_s)
    estimates = [run.estimate(target) for target in slo.targets]
    return _Found(
        {metric: run.percentile(metric, _P99) for metric in METRICS},
        tuple(value_s for value_s, _ in estimates),
        tuple(half_s if isfinite(half_s) else 0.0 for _, half_s in estimates),
        None if slo.goodput is None else float(run.met(slo.together).mean()),
    )


def _run(
    law: StepLaw, workload: Workload, slo: Slo, requests_per_s: float, *, counts_gaps: bool = True
) -> Simulated:
    """A run as long as those that the largest rate was found with."""
    from recommender.queueing.over_profile import simulate_workload

    needed = run_length(law, workload, slo)
    return simulate_workload(
        law, workload, requests_per_s, requests=needed, seed=OTHER_SEED, counts_gaps=counts_gaps
    )
