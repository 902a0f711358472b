"""Latency targets of a service.

A target bounds one metric at one percentile, measured at the server:

ttft  arrival to first token: frontend + queue + prefill
tpot  mean time per output token of a request, after its first
itl   gap between two successive tokens, over all gaps
e2e   arrival to last token
"""

from dataclasses import dataclass
from typing import Literal, get_args

Metric = Literal["ttft", "tpot", "itl", "e2e"]
METRICS: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True, slots=True)
class Target:
    """`metric` at `percentile` is at most `limit_s` seconds."""

    metric: Metric
    limit_s: float
    percentile: float = 0.99


@dataclass(frozen=True, slots=True)
class Slo:
    """All targets of a service; the first one is the axis of fronts and of `--minimize latency`."""

    targets: tuple[Target, ...]

    @property
    def primary(self) -> Target:
        """The target that the p99 of a plan refers to."""
        return self.targets[0]
