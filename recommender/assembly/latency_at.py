"""Latency of one replica kind at the rate it really carries: simulated beside predicted."""

from dataclasses import dataclass

from recommender.performance.step_law import StepLaw
from recommender.queueing.latency import latency
from recommender.workload import Workload

SEED = 20_240_601
"""Replays of a plan use other arrivals than the search for its rates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedLatency:
    """p99s at a rate [s]: of the closed form, and simulated where that was asked for."""

    ttft_s: float
    tpot_s: float
    itl_s: float
    e2e_s: float
    ttft_predicted_s: float
    tpot_predicted_s: float
    e2e_predicted_s: float

    def of(self, metric: str) -> float:
        """The p99 of a metric [s]."""
        return float(getattr(self, f"{metric}_s"))


def latency_at(
    law: StepLaw, workload: Workload, requests_per_s: float, *, simulate: bool
) -> CarriedLatency:
    """p99s of one replica that carries `requests_per_s`."""
    predicted = latency(law, workload.lengths, requests_per_s, burstiness=workload.burstiness)
    closed = {m: float(getattr(predicted, f"{m}_s")[0]) for m in ("ttft", "tpot", "itl", "e2e")}
    found = _simulated(law, workload, requests_per_s) if simulate else closed
    return CarriedLatency(
        **{f"{m}_s": found[m] for m in closed},
        **{f"{m}_predicted_s": closed[m] for m in ("ttft", "tpot", "e2e")},
    )


def _simulated(law: StepLaw, workload: Workload, requests_per_s: float) -> dict[str, float]:
    from recommender.queueing.simulator import simulate

    run = simulate(law, workload.lengths, requests_per_s, seed=SEED, burstiness=workload.burstiness)
    return {metric: run.percentile(metric, 0.99) for metric in ("ttft", "tpot", "itl", "e2e")}
