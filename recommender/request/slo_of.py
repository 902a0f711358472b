"""The SLO that a spec asks for, and whether its workload can show that it is met.

`--p99`, `--ttft-p99`, ... come first, one target each, then those of `--slo` in order. `--p99`
brings a TPOT target along unless the spec states one for all requests. With `--goodput` its share
takes the place of the percentiles on ttft, tpot and e2e.
"""

from dataclasses import replace

from recommender.errors import SpecError
from recommender.queueing.nodes import share_of_requests
from recommender.queueing.verdict import MOST_DECIDED, requests_for
from recommender.request.spec import Spec
from recommender.request.target_text import written
from recommender.slo import EVERY_REQUEST, Metric, Slo, Target
from recommender.workload import Lengths, Workload

COMPANION_TPOT_P99_S = 0.050
"""TPOT p99 that goes with `--p99`: 20 tokens/s, faster than people read."""


def slo_of(spec: Spec) -> Slo:
    """All targets in order, and goodput."""
    limits: dict[Metric, float | None] = {
        "ttft": spec.p99 if spec.p99 is not None else spec.ttft_p99,
        "tpot": spec.tpot_p99,
        "itl": spec.itl_p99,
        "e2e": spec.e2e_p99,
    }
    if takes_companion(spec):
        limits["tpot"] = COMPANION_TPOT_P99_S
    targets = tuple(Target(m, s) for m, s in limits.items() if s is not None) + spec.slo
    if spec.goodput is None:
        return Slo(targets)
    share = spec.goodput
    joined = (t if t.metric == "itl" else replace(t, percentile=share) for t in targets)
    return Slo(tuple(joined), share)


def flag_of(spec: Spec, index: int) -> str:
    """The flag that changes target number `index` of the spec's SLO."""
    target = slo_of(spec).targets[index]
    of_flags = len(slo_of(spec).targets) - len(spec.slo)
    if index < of_flags:
        by_p99 = target.metric == "ttft" and spec.p99 is not None
        return "--p99" if by_p99 else f"--{target.metric}-p99"
    metric, _, rest = written(spec.slo[index - of_flags]).partition(" <= ")
    return f"--slo {metric}{rest[rest.index(' ') :] if ' ' in rest else ''}"


def takes_companion(spec: Spec) -> bool:
    """Whether `--p99` brings its TPOT target along: the spec states none for all requests."""
    stated = any(t.metric == "tpot" and t.bucket == EVERY_REQUEST for t in spec.slo)
    return spec.p99 is not None and spec.tpot_p99 is None and not stated


def check_slo(slo: Slo, workload: Workload) -> None:
    """Raise SpecError for a bucket that no request of the workload falls into, or too few."""
    lengths = workload.lengths
    for target in slo.targets:
        if target.bucket == EVERY_REQUEST:
            share = 1.0
        else:
            share = share_of_requests(lengths, target.bucket, target.metric)
        if share == 0.0:
            raise SpecError(f"{target.name}: {_nothing(target, workload)}")
        if target in slo.apart and requests_for(target, lengths) > MOST_DECIDED:
            raise SpecError(
                f"{target.name}: {share:.3g} of the requests of workload {workload.name} count, so "
                f"that {requests_for(target, lengths):,} must be simulated to tell whether it "
                f"holds, more than {MOST_DECIDED:,}; widen the bucket or lower the percentile"
            )


def _nothing(target: Target, workload: Workload) -> str:
    lengths = workload.lengths
    return (
        f"0 % of the requests of workload {workload.name} are in this bucket"
        f"{' and have two output tokens' if target.metric == 'tpot' else ''}: "
        f"inputs are {_range(lengths, 'input')}, outputs {_range(lengths, 'output')} tokens"
    )


def _range(lengths: Lengths, side: str) -> str:
    tokens = getattr(lengths, f"{side}_tokens")
    return f"{int(tokens.min()):,} to {int(tokens.max()):,}"
