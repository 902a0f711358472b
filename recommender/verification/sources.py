"""Where the requests of a replay come from: the workload's law, or a trace.

`sample(share, rate, ...)` simulates one replica and returns its run. Random routing: a replica of
rate r in a plan of demand Q gets each request with probability r/Q.
"""

from collections.abc import Callable
from dataclasses import dataclass

from recommender.performance.step_law import StepLaw
from recommender.queueing.simulated import Simulated
from recommender.queueing.simulator import replay, simulate
from recommender.traces.superpose import Superposition
from recommender.traces.trace import TraceError
from recommender.workload import Workload

Source = Callable[[StepLaw, float, int, int], Simulated]
"""(law, requests/s of the replica, requests to measure, seed) -> run."""


@dataclass(frozen=True)
class FromLaw:
    """Renewal arrivals at the plan's rate, lengths drawn from the workload."""

    workload: Workload

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        return simulate(
            law,
            self.workload.lengths,
            rate,
            requests=requests,
            seed=seed,
            burstiness=self.workload.burstiness,
        )


@dataclass(frozen=True)
class FromTrace:
    """The trace's own arrivals and lengths, as often as needed for the wanted requests."""

    arrivals: Superposition

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        share = rate / self.arrivals.requests_per_s
        per_pass = share * self.arrivals.mean_requests_per_s * self.arrivals.period_s
        passes = max(1, -int(-requests // per_pass))
        stream = self.arrivals.stream(share=share, passes=passes, ranks=int(law.ranks), seed=seed)
        longest = int((stream.input_tokens + stream.output_tokens).max())
        if longest > law.kv_tokens:
            raise TraceError(
                f"the trace has a request of {longest:,} tokens; the KV cache of a rank holds "
                f"{int(law.kv_tokens):,}: size the plan with this trace"
            )
        return replay(law, stream, lead=min(stream.arrival.size // 20, 2000))
