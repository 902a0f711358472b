r"""Latency of a plan with pools, re-derived: each part replayed, then both one behind the other.

    part      replay one replica at the rate it carries and at its largest one; broken when the
              lower confidence limit of its percentile lies beyond its part of the budget
    tandem    arrivals -> prefill replay -> network of the sender -> network of the receiver ->
              decode replay, request by request; broken when the lower limit of a target's
              percentile lies beyond its limit

What looks broken is replayed with other seeds before it is called so (`audit/repeated.py`).

The two networks are queues of one server each: a cache starts to move when it is ready and the one
before it has moved.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from math import ceil, isfinite

import numpy as np
import numpy.typing as npt

from recommender.audit.arrivals import requests_of_share
from recommender.audit.finding import at_least, at_most, equal
from recommender.audit.latency import promised
from recommender.audit.pools import METRICS_SPLIT
from recommender.audit.repeated import CONFIDENCE, SEED, Repeated
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Finding, Plan, PoolSplit
from recommender.queueing.simulated import Simulated
from recommender.request.spec import Spec
from recommender.slo import EVERY_REQUEST, Target
from recommender.workload import Lengths, Workload

REQUESTS, MOST_REQUESTS = 40_000, 400_000
FEWEST_BEYOND = 200
NOTE = f"lower confidence limit at {CONFIDENCE:.1%}"
UPPER = f"upper confidence limit at {CONFIDENCE:.1%}"


def findings(plan: Plan, spec: Spec, workload: Workload, *, replay: bool) -> Iterator[Finding]:
    """Parts within their limits, the whole within the targets."""
    split = plan.pools
    if split is None or plan.totals is None:
        return
    targets = promised(spec)
    decode = [d for d in plan.deployments if d.pool == "decode"]
    for target, d in product(targets, decode):
        if target.metric not in METRICS_SPLIT and _is_p99(target):
            stated_s = getattr(d, f"{target.metric}_p99_s")
            yield at_most(f"{d.name}: {target.name}", stated_s, target.limit_s, "s")
    first = targets[0].metric
    if _is_p99(targets[0]) and first in split.tandem_p99_s:
        stated_s = split.tandem_p99_s[first]
        yield equal("p99 of the plan is that of its tandem", plan.totals.p99_s, stated_s, "s")
    if not replay:
        return
    for d in plan.deployments:
        yield from _part(d, split, targets, workload)
    for p, d in product((d for d in plan.deployments if d.pool == "prefill"), decode):
        yield from _whole(p, d, split, targets, workload, spec.goodput)


def _parts_of(d: Deployment, split: PoolSplit, targets: tuple[Target, ...]) -> list[Target]:
    """What one pool must hold; a prefill replica does not know how long answers will be."""
    if d.pool == "prefill":
        return [
            Target(
                "ttft",
                part.prefill_limit_s,
                part.prefill_percentile,
                replace(part.target.bucket, min_output_tokens=None, max_output_tokens=None),
            )
            for part in split.parts
        ]
    parts = [
        replace(part.target, limit_s=part.decode_limit_s, percentile=part.decode_percentile)
        for part in split.parts
    ]
    return [*parts, *(t for t in targets if t.metric not in METRICS_SPLIT)]


def _part(
    d: Deployment, split: PoolSplit, targets: tuple[Target, ...], workload: Workload
) -> Iterator[Finding]:
    parts = _parts_of(d, split, targets)
    for when, rate in (("", d.requests_per_s), (" at its largest rate", d.max_requests_per_s)):
        runs = Repeated(partial(_part_run, d, rate / d.dp, workload, parts))
        joined = [target for target in parts if target.metric != "itl"]
        if split.goodput is not None:
            name = f"{d.name}: its part of goodput replayed{when}"
            asked = _joint_share(d, split)
            yield at_least(name, _most_met(runs, joined, asked), asked, "1", UPPER)
        for target in parts:
            half_s = runs.first.estimate(target, confidence=CONFIDENCE)[1]
            alone = split.goodput is None or target.bucket == EVERY_REQUEST
            if isfinite(half_s) and (alone or target not in joined):
                name = f"{d.name}: its part of {target.name} replayed{when}"
                yield at_most(name, runs.lower_s(target), target.limit_s, "s", NOTE)


def _most_met(runs: Repeated, targets: list[Target], asked: float) -> float:
    """Upper confidence limit of the share of requests that meet every limit [1]."""
    share, half = runs.first.share_met(targets, confidence=CONFIDENCE)
    return runs.most_share(share + half, asked, lambda run: run.share_met(targets)[0])


def _part_run(
    d: Deployment, rate: float, workload: Workload, parts: list[Target], seed: int
) -> Simulated:
    """One replica of a pool at a rate [requests/s]."""
    from recommender.queueing.simulator import replay

    lengths = workload.lengths
    if d.pool == "prefill":
        ones = np.ones_like(lengths.output_tokens)
        lengths = Lengths(lengths.input_tokens, ones, lengths.cached_tokens)
    else:  # caches arrive whole, found or computed
        lengths = Lengths(lengths.input_tokens, lengths.output_tokens)
    burstiness = workload.burstiness if d.pool == "prefill" else max(workload.burstiness, 1.0)
    rarest = min(1 - target.percentile for target in parts)
    requests = max(_requests(workload, rate), ceil(FEWEST_BEYOND / rarest))
    lead = min(requests, requests // 10 + int(2 * d.step_law["max_batch"] * d.adp))
    arriving = requests_of_share(
        replace(workload, lengths=lengths, burstiness=burstiness),
        rate,
        stream_rate=workload.requests_per_s,
        count=lead + requests,
        ranks=d.adp,
        seed=seed,
    )
    return replay(_law(d), arriving, lead=lead, seed=seed)


def _joint_share(d: Deployment, split: PoolSplit) -> float:
    """Share of all requests that meets the limits of a pool together."""
    if d.pool == "prefill":
        return min(part.prefill_percentile for part in split.parts)
    return min(part.decode_percentile for part in split.parts)


def _whole(
    p: Deployment,
    d: Deployment,
    split: PoolSplit,
    targets: tuple[Target, ...],
    workload: Workload,
    goodput: float | None,
) -> Iterator[Finding]:
    runs = Repeated(partial(tandem, p, d, split, workload))
    if goodput is not None:
        together = [target for target in targets if target.metric != "itl"]
        name = f"{p.name} then {d.name}: goodput replayed"
        yield at_least(name, _most_met(runs, together, goodput), goodput, "1", UPPER)
        stated = d.goodput or 0.0
        share, half = runs.first.share_met(together, confidence=CONFIDENCE)
        most = runs.most_stated_share(share + half, stated, lambda run: run.share_met(together)[0])
        yield at_most(f"{name} bears out the plan", stated, most, "1")
    for target in targets:
        if not isfinite(runs.first.estimate(target, confidence=CONFIDENCE)[1]):
            continue
        name = f"{p.name} then {d.name}: {target.name}"
        if goodput is None or target.metric == "itl" or target.bucket == EVERY_REQUEST:
            yield at_most(f"{name} replayed", runs.lower_s(target), target.limit_s, "s", NOTE)
        if _is_p99(target) and target.metric in split.tandem_p99_s:
            stated_s = split.tandem_p99_s[target.metric]
            yield at_least(
                f"{name} is no better than a replay",
                stated_s,
                runs.least_stated_s(target, stated_s),
                "s",
                NOTE,
            )


def _is_p99(target: Target) -> bool:
    return target.percentile == 0.99 and target.bucket == EVERY_REQUEST


def tandem(
    p: Deployment, d: Deployment, split: PoolSplit, workload: Workload, seed: int = SEED
) -> Simulated:
    """Requests that pass a prefill replica and then one decode replica."""
    from recommender.queueing.arrivals import Draw
    from recommender.queueing.simulator import replay

    each, behind = p.requests_per_s / p.dp, d.requests_per_s / d.dp
    senders = max(1, ceil(behind / each * (1 - 1e-9)))
    kept_share = behind / (senders * each)
    random = np.random.default_rng(seed)
    rows: list[npt.NDArray[np.float64]] = []
    everyone = requests_of_share(
        workload,
        senders * each,
        stream_rate=workload.requests_per_s,
        count=ceil(_requests(workload, behind) / behind * each * senders),
        ranks=p.adp,
        seed=seed,
    )
    goes_to = random.integers(senders, size=everyone.arrival.size)
    for sender in range(senders):
        draw = everyone.take(np.flatnonzero(goes_to == sender))
        prompts = replace(draw, output_tokens=np.ones_like(draw.output_tokens))
        prefilled = replay(_law(p), prompts)
        ready = prompts.arrival + prefilled.ttft_s
        moved = _moved(ready, draw.input_tokens, draw.rank, p.transfer_s_per_token, split)
        kept = random.random(moved.size) < kept_share
        fields = (prompts.arrival, moved, draw.input_tokens, draw.output_tokens)
        rows.append(np.stack(fields, axis=1).astype(np.float64)[kept])
    requests = np.concatenate(rows)
    rank = random.integers(d.adp, size=len(requests))
    there = _moved(requests[:, 1], requests[:, 2], rank, d.transfer_s_per_token, split)
    order = np.argsort(there, kind="stable")
    before = (there - requests[:, 0])[order]
    lengths = requests[order][:, 2:].astype(np.int64)
    lead = len(order) // 10
    arriving = Draw(there[order], lengths[:, 0], lengths[:, 1], rank[order])
    run = replay(_law(d), arriving, lead=lead, seed=seed)
    return replace(run, ttft_s=run.ttft_s + before[lead:], e2e_s=run.e2e_s + before[lead:])


def _moved(
    ready: npt.NDArray[np.float64],
    tokens: npt.NDArray[np.float64] | npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
    token_s: float,
    split: PoolSplit,
) -> npt.NDArray[np.float64]:
    """When each cache has moved, one after the other on each rank [s]."""
    free: dict[int, float] = {}
    moved = np.empty_like(ready)
    for k in np.argsort(ready, kind="stable"):
        start_s = max(float(ready[k]), free.get(int(rank[k]), 0.0))
        moved[k] = start_s + token_s * max(float(tokens[k]), split.least_tokens)
        free[int(rank[k])] = float(moved[k])
    return moved


def _requests(workload: Workload, rate: float) -> int:
    """More of bursty arrivals: bursts are independent, not their requests."""
    share = min(1.0, rate / workload.requests_per_s)
    square = 1 + share * (workload.burstiness**2 - 1)
    return int(min(REQUESTS * max(1.0, square / 4), MOST_REQUESTS))


def _law(d: Deployment) -> StepLaw:
    return StepLaw(**dict(d.step_law))  # type: ignore[arg-type]  # basis is left out
