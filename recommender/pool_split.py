"""What a plan with prefill and decode pools says of them: the split of its latency budgets."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.slo import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPart:
    """How the budget of one target is split over a prefill and a decode pool, and what it takes.

    Limits are those of the split; `*_s` beside them what the plan comes to at the rates that it
    carries, each at its own percentile. Percentiles of the parts add up to that of the target, so
    that the sum of the parts bounds it, whatever their dependence.

    Attributes
    ----------
    target
        A limit on TTFT or E2E, as it was asked for.
    prefill_percentile, decode_percentile, length_percentile, network_percentile
        Of the parts [1]; the transfer is that of a prompt at `length_percentile`, and of the wait
        at the sender's and at the receiver's network at `network_percentile` each. The prefill
        part of a bucket is over all requests with its inputs.
    prefill_s, transfer_s, decode_s
        Frontend, queue and prompt; cache sent and received; frontend, wait for a slot and first
        step, or all steps for E2E.
    bound_s
        Their sum.
    tandem_s
        The target's percentile from a simulation of both pools one behind the other, worst pair
        of deployments; None where nothing was simulated.
    """

    target: Target
    prefill_limit_s: float
    transfer_limit_s: float
    decode_limit_s: float
    prefill_percentile: float
    decode_percentile: float
    length_percentile: float
    network_percentile: float
    prefill_s: float
    transfer_s: float
    decode_s: float
    bound_s: float
    tandem_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSplit:
    """What prefill and decode pools share: the split of the budgets, and the caches that move.

    Attributes
    ----------
    parts
        One per target on TTFT or E2E, in their order.
    moving_limit_s
        Longest time of a transfer, of any request.
    tandem_p99_s
        Metric -> p99 from a simulation of both pools one behind the other, worst pair of
        deployments; empty where nothing was simulated.
    kv_bytes_per_token
        Cache of a prompt token that moves, by decode deployment [B].
    least_tokens
        A shorter prompt moves as much as one of so many tokens.
    without_pools
        Objective of the best plan whose replicas do both; None where there is none.
    goodput
        As it was asked for: then percentiles of the pools' parts are shares of all requests that
        meet every limit on them together.
    """

    parts: tuple[PoolPart, ...]
    moving_limit_s: float
    tandem_p99_s: Mapping[str, float]
    kv_bytes_per_token: Mapping[str, float]
    least_tokens: float
    without_pools: float | None
    goodput: float | None = None

    @property
    def held_limit_s(self) -> float:
        """Longest time that a cache waits on its prefill replica until it has moved [s]."""
        parts = [part for part in self.parts if part.target.metric == "ttft"] or self.parts
        strictest = max(part.target.percentile for part in parts)
        slots_s = [p.decode_limit_s for p in parts if p.target.percentile == strictest]
        return self.moving_limit_s + (min(slots_s) if self.goodput is None else max(slots_s))
