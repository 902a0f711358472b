"""Latency targets of a service.

A target bounds one metric at one percentile, over the requests of a bucket, at the server:

ttft  arrival to first token: frontend + queue + prefill
tpot  mean time per output token of a request, after its first
itl   gap between two successive tokens, over all gaps
e2e   arrival to last token

Goodput is the share of requests that meet all limits on ttft, tpot and e2e that apply to their
lengths. Where it is asked for, it takes the place of the percentiles of these limits; gaps are not
requests, so that a limit on itl keeps its own.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Metric = Literal["ttft", "tpot", "itl", "e2e"]
METRICS: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Requests whose lengths lie within these limits, both included [tokens]; None is no limit."""

    min_input_tokens: int | None = None
    max_input_tokens: int | None = None
    min_output_tokens: int | None = None
    max_output_tokens: int | None = None

    def __str__(self) -> str:
        """`input <= 1024 and output >= 10`; empty for all requests."""
        sides = (
            ("input >=", self.min_input_tokens),
            ("input <=", self.max_input_tokens),
            ("output >=", self.min_output_tokens),
            ("output <=", self.max_output_tokens),
        )
        return " and ".join(f"{side} {tokens}" for side, tokens in sides if tokens is not None)


EVERY_REQUEST = Bucket()


@dataclass(frozen=True, slots=True)
class Target:
    """`metric` at `percentile` is at most `limit_s` seconds for the requests of `bucket`."""

    metric: Metric
    limit_s: float
    percentile: float = 0.99
    bucket: Bucket = EVERY_REQUEST

    @property
    def name(self) -> str:
        """`TTFT p95 for input <= 1024`."""
        bucket = "" if self.bucket == EVERY_REQUEST else f" for {self.bucket}"
        return f"{self.metric.upper()} p{100 * self.percentile:.4g}{bucket}"


@dataclass(frozen=True, slots=True)
class Slo:
    """All targets of a service; the first one is the axis of fronts and of `--minimize latency`.

    Attributes
    ----------
    goodput
        Least share of requests that meet every limit on ttft, tpot and e2e; None judges each
        target by its own percentile.
    """

    targets: tuple[Target, ...]
    goodput: float | None = None

    @property
    def primary(self) -> Target:
        """The target that the p99 of a plan refers to."""
        return self.targets[0]

    @property
    def looks_at_gaps(self) -> bool:
        """Whether a target is about the gaps between tokens."""
        return any(target.metric == "itl" for target in self.targets)

    @property
    def together(self) -> tuple[Target, ...]:
        """Limits of which goodput asks that one request meets them all."""
        if self.goodput is None:
            return ()
        return tuple(target for target in self.targets if target.metric != "itl")

    @property
    def apart(self) -> tuple[Target, ...]:
        """Targets that are judged by their own percentile."""
        return tuple(target for target in self.targets if target not in self.together)

    def with_limit(self, index: int, limit_s: float) -> "Slo":
        """The same targets, one of them with another limit [s]."""
        changed = replace(self.targets[index], limit_s=limit_s)
        return replace(self, targets=(*self.targets[:index], changed, *self.targets[index + 1 :]))

    def with_goodput(self, share: float) -> "Slo":
        """The same limits, to be met together by another share of requests."""
        targets = tuple(
            replace(t, percentile=share) if t in self.together else t for t in self.targets
        )
        return replace(self, targets=targets, goodput=share)

    def tightened(self, share: float) -> "Slo":
        """Every limit times `share`."""
        targets = tuple(replace(t, limit_s=t.limit_s * share) for t in self.targets)
        return replace(self, targets=targets)
