"""Where the requests of a replay come from: the workload's law, or a trace.

Called, a source simulates one replica at a constant rate; `stream` gives the requests of one
replica whose rate changes in steps. Random routing: a replica of rate r in a plan of demand Q
gets each request with probability r/Q.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, draw_for_several
from recommender.queueing.over_profile import simulate_workload
from recommender.queueing.policy import KvPolicy, Policy
from recommender.queueing.simulated import Simulated
from recommender.queueing.simulator import replay
from recommender.traces.superpose import Superposition
from recommender.traces.trace import TraceError
from recommender.verification.load import Load
from recommender.workload import Workload

MOST_WITH_BLOCKS = 320_000
"""Requests of a replay with a simulated prefix cache: their blocks are kept in memory."""


class Source(Protocol):
    """Requests of one replica, and how its engine takes KV for them."""

    @property
    def kv(self) -> KvPolicy:
        """`reserve` or `preempt`, see `Policy`."""

    def burstiness_at(self, rate: float) -> float:
        """Variation of the gaps of a replica of `rate` requests/s; 1 where it is a trace's own."""

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        """Simulate the replica at `rate` requests/s; measure about that many requests."""

    def stream(self, law: StepLaw, load: Load, seed: int) -> Draw:
        """Its requests from 0 to the end of a load, in order of arrival."""

    def streams(self, law: StepLaw, load: Load, seed: int, replicas: int) -> list[Draw]:
        """Those of several such replicas of one plan."""


@dataclass(frozen=True)
class FromLaw:
    """Renewal arrivals at the plan's rate or over its profile, lengths drawn from the workload."""

    workload: Workload
    kv: KvPolicy = "reserve"

    def burstiness_at(self, rate: float) -> float:
        """That of the share of the workload that comes to the replica."""
        return float(self.workload.stream.burstiness_at(np.asarray(rate)))

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        check_fits(self.workload.lengths.longest, law, "workload")
        return simulate_workload(law, self.workload, rate, requests=requests, seed=seed, kv=self.kv)

    def stream(self, law: StepLaw, load: Load, seed: int) -> Draw:
        """Its share of renewal arrivals at the load's highest rate, thinned to the load."""
        return self.streams(law, load, seed, 1)[0]

    def streams(self, law: StepLaw, load: Load, seed: int, replicas: int) -> list[Draw]:
        """Renewal arrivals shared by replicas, so that a burst comes to all of them."""
        most = max(load.rates)
        expected = most * replicas * load.edges_s[-1]
        spread = max(self.workload.burstiness, 1.0) * expected**0.5
        own = draw_for_several(
            self.workload.lengths,
            self.workload.stream,
            requests_per_s=most,
            replicas=replicas,
            count=int(expected + 8.0 * spread) + 64,
            seed=seed,
            ranks=int(law.ranks),
        )
        return [
            _thinned(draw, load, np.random.default_rng([seed, n])) for n, draw in enumerate(own)
        ]


@dataclass(frozen=True)
class FromTrace:
    """The trace's own arrivals and lengths, as often as needed for the wanted requests."""

    arrivals: Superposition
    kv: KvPolicy = "reserve"

    def __post_init__(self) -> None:
        if self.kv == "preempt" and self.arrivals.trace.blocks is not None:
            raise TraceError("--kv preempt is not replayed with a simulated prefix cache")

    def burstiness_at(self, rate: float) -> float:
        """A trace brings its own arrivals, however long they are replayed."""
        return 1.0

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        if self.arrivals.trace.blocks is not None:
            requests = min(requests, MOST_WITH_BLOCKS)
        share = rate / self.arrivals.requests_per_s
        per_pass = share * self.arrivals.mean_requests_per_s * self.arrivals.period_s
        passes = max(1, -int(-requests // per_pass))
        stream = self.arrivals.stream(share=share, passes=passes, ranks=int(law.ranks), seed=seed)
        check_fits(longest(stream), law, "trace")
        lead = min(stream.arrival.size // 20, 2000)
        return replay(law, stream, lead=lead, policy=Policy(kv=self.kv), seed=seed)

    def stream(self, law: StepLaw, load: Load, seed: int) -> Draw:
        """The trace from its start, thinned to the load (its rates are those of the peak)."""
        most = max(load.rates)
        share = most / self.arrivals.requests_per_s
        passes = -int(-load.edges_s[-1] // self.arrivals.period_s)
        stream = self.arrivals.stream(share=share, passes=passes, ranks=int(law.ranks), seed=seed)
        check_fits(longest(stream), law, "trace")
        return _thinned(stream, load, np.random.default_rng([seed, passes]))

    def streams(self, law: StepLaw, load: Load, seed: int, replicas: int) -> list[Draw]:
        """The trace thinned for each: its busy times are those of all."""
        return [self.stream(law, load, seed + replica) for replica in range(replicas)]


def _thinned(stream: Draw, load: Load, random: np.random.Generator) -> Draw:
    """Requests at the highest rate of a load, each kept with the rate of its time over that."""
    kept = random.random(stream.arrival.size) * max(load.rates) < load.at(stream.arrival)
    return stream.take(np.flatnonzero(kept))


def longest(stream: Draw) -> int:
    """Most tokens of a request, prompt and output."""
    return int((stream.input_tokens + stream.output_tokens).max(initial=0))


def check_fits(most: int, law: StepLaw, where: str) -> None:
    """Refuse requests whose tokens no KV cache of the replica holds."""
    if most > law.kv_tokens:
        raise TraceError(
            f"the {where} has a request of {most:,} tokens; the KV cache of a rank holds "
            f"{int(law.kv_tokens):,}: size the plan with this {where}"
        )
