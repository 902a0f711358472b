"""What the latency targets of a spec must not say: said before anything is computed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recommender.request.target_text import BY_GOODPUT, EXAMPLE, written
from recommender.slo import EVERY_REQUEST, Metric, Target

if TYPE_CHECKING:
    from recommender.request.spec import Spec

LEAST_GOODPUT, MOST_GOODPUT = 0.5, 0.9995
_FLAGS: tuple[tuple[str, Metric], ...] = (
    ("p99", "ttft"),
    ("ttft_p99", "ttft"),
    ("tpot_p99", "tpot"),
    ("itl_p99", "itl"),
    ("e2e_p99", "e2e"),
)


def slo_problems(spec: "Spec") -> Iterator[str]:
    """One sentence per problem."""
    flags = [
        (name, Target(metric, limit))
        for name, metric in _FLAGS
        if (limit := getattr(spec, name)) is not None
    ]
    if spec.p99 is not None and spec.ttft_p99 is not None:
        yield "--p99 means --ttft-p99: give one of the two"
    if not flags and not spec.slo:
        yield "no latency target: give --p99 200ms (time to first token), --e2e-p99 ..."
    for name, target in flags:
        if not 1e-3 <= target.limit_s <= 86_400:
            flag = f"--{name.replace('_', '-')}"
            yield f"{flag} {_seconds(target.limit_s)} must lie between 1ms and 24h"
    for target in spec.slo:
        if not 1e-3 <= target.limit_s <= 86_400:
            yield f"slo {written(target)!r}: the limit must lie between 1ms and 24h"
    yield from _goodput(spec, [target for _, target in flags])
    yield from _twice([target for _, target in flags], spec.slo)


def _seconds(limit_s: float) -> str:
    """`5us`, `90000s`: as one writes it, not `5e-06s`."""
    return f"{limit_s * 1e6:g}us" if limit_s < 1e-3 else f"{limit_s:,.10g}s"


def _goodput(spec: "Spec", flags: list[Target]) -> Iterator[str]:
    """Goodput takes the place of percentiles; without it every target states one."""
    for target in spec.slo:
        if target.percentile == BY_GOODPUT and target.metric == "itl":
            yield f"slo {written(target)!r}: gaps are no requests; state a percentile: itl p99"
        elif target.percentile == BY_GOODPUT and spec.goodput is None:
            yield f"slo {written(target)!r} states no percentile: write {EXAMPLE!r}, or --goodput"
    if spec.goodput is None:
        return
    if not LEAST_GOODPUT <= spec.goodput <= MOST_GOODPUT:
        yield f"--goodput {100 * spec.goodput:.10g}% must lie between 50% and 99.95%"
    if all(target.metric == "itl" for target in (*flags, *spec.slo)):
        yield "goodput is a share of requests, and itl is over gaps: limit ttft, tpot or e2e too"


def _twice(flags: list[Target], slo: tuple[Target, ...]) -> Iterator[str]:
    """The same percentile of the same requests with two limits."""
    seen: set[tuple[object, ...]] = set()
    for target in (*flags, *slo):
        key = (target.metric, target.percentile, target.bucket)
        if key in seen:
            bucket = "" if target.bucket == EVERY_REQUEST else f" for {target.bucket}"
            yield f"slo {target.metric} p{100 * target.percentile:g}{bucket} has two limits"
        seen.add(key)
