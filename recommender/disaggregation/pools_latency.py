r"""Latency of a plan with pools: the sum of its parts, and a simulation of both in a row.

    bound      sum of prefill at 1 - 3/4 eps, transfer, decode at 1 - eps/8, of each target (split)
    tandem     p99 over requests that pass a prefill and a decode replica (queueing.tandem), for
               each pair of deployments; the plan's is that of the worst pair
    degraded   the same with k groups (or one class) lost in one pool, where that is worst: at the
               rates that the others then carry

All parts are at the rates that the plan carries, those of the split are limits at the largest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil

import numpy as np

from recommender.assembly.stated_law import law_of
from recommender.decision.study import Study
from recommender.disaggregation.ready_tokens import ready_tokens
from recommender.disaggregation.search import Candidate
from recommender.disaggregation.split import (
    DECODE_TAIL,
    LENGTH_TAIL,
    NETWORK_TAIL,
    SPLIT,
    Part,
    follows,
    prefill_target,
)
from recommender.disaggregation.transfer import prompts_of, wait_s
from recommender.formulation.classes import class_of
from recommender.formulation.solve_pools import Bought
from recommender.plan import Deployment, PoolPart
from recommender.queueing.tandem import Handover, simulate_tandem
from recommender.queueing.verdict import requests_needed
from recommender.slo import METRICS, Metric, Target
from recommender.workload import Lengths

SEED = 20_240_602


@dataclass(frozen=True, slots=True)
class _Tandem:
    """Of the worst pair: p99 by metric, targets at their percentiles, goodput if asked."""

    p99_s: Mapping[str, float]
    targets_s: Mapping[Target, float]
    goodput: float | None


_NOTHING_SIMULATED = _Tandem({}, {}, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolsLatency:
    """Times of the parts and of the whole [s]; see `PoolSplit`."""

    parts: tuple[PoolPart, ...]
    tandem_p99_s: Mapping[str, float]
    goodput: float | None
    """Share of requests that meet all limits in the tandem; None where it is not asked for."""
    p99_s: float
    degraded_p99_s: float | None


def pools_latency(
    study: Study,
    candidate: Candidate,
    deployments: Sequence[Deployment],
    bought: Mapping[str, Bought],
    least_tokens: float,
    *,
    simulate: bool,
) -> PoolsLatency:
    """Latency at the rates that the deployments carry; bounds only, unless simulated."""
    prefill = [d for d in deployments if d.pool == "prefill"]
    decode = [d for d in deployments if d.pool == "decode"]
    found = _tandems(study, prefill, decode, least_tokens) if simulate else _NOTHING_SIMULATED
    taken = _Taken(study, candidate, prefill, decode, least_tokens)
    parts = tuple(
        taken.part(part, tandem_s=found.targets_s.get(part.target))
        for part in candidate.split.parts
    )
    primary = study.request.slo.primary
    bound_s = next((part.bound_s for part in parts if part.target == primary), None)
    p99_s = found.targets_s.get(primary) or bound_s or _own_p99_s(decode, primary.metric)
    lost = _degraded_s(study, prefill, decode, bought, least_tokens) if simulate else None
    return PoolsLatency(
        parts=parts,
        tandem_p99_s=found.p99_s,
        goodput=found.goodput,
        p99_s=p99_s,
        degraded_p99_s=lost,
    )


def _own_p99_s(decode: Sequence[Deployment], metric: Metric) -> float:
    return max(float(getattr(d, f"{metric}_p99_s")) for d in decode)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the parts take at the rates that the deployments carry."""

    study: Study
    candidate: Candidate
    prefill: Sequence[Deployment]
    decode: Sequence[Deployment]
    least_tokens: float

    def part(self, part: Part, *, tandem_s: float | None) -> PoolPart:
        """One target's parts; deployments state what the targets of their pool come to."""
        sides = self.candidate.sides
        lengths = self.study.request.workload.lengths
        mine = prefill_target(part, lengths)
        kept = (t for t in sides["prefill"].book.rates.slo.targets if t == mine or follows(mine, t))
        prefill_s = _worst(self.prefill, sides["prefill"].book.rates.slo.targets, next(kept))
        of_decode = self.study.request.slo.targets.index(part.target)
        decode_s = max(d.targets_s[of_decode] for d in self.decode)
        transfer_s = sum(
            max(self._side_s(d, part, lengths) for d in pool)
            for pool in (self.prefill, self.decode)
        )
        return PoolPart(
            target=part.target,
            prefill_limit_s=part.prefill_s,
            transfer_limit_s=part.transfer_s,
            decode_limit_s=part.decode_s,
            prefill_percentile=mine.percentile,
            decode_percentile=1 - DECODE_TAIL * part.late,
            length_percentile=1 - LENGTH_TAIL * part.moved_late,
            network_percentile=1 - NETWORK_TAIL * part.moved_late,
            prefill_s=prefill_s,
            transfer_s=transfer_s,
            decode_s=decode_s,
            bound_s=prefill_s + transfer_s + decode_s,
            tandem_s=tandem_s,
        )

    def _side_s(self, d: Deployment, part: Part, lengths: Lengths) -> float:
        """One side of the transfer at the rate that a replica of the deployment carries [s]."""
        prompts = prompts_of(lengths, part, least_tokens=self.least_tokens)
        token_s = np.asarray([d.transfer_s_per_token])
        busy = d.requests_per_s / d.dp / d.adp * prompts.mean * token_s
        clump = float(ready_tokens(float(d.chunk_tokens), lengths)) if d.pool == "prefill" else 0.0
        alone = d.transfer_s_per_token * (prompts.long + clump)
        return alone + float(wait_s(busy, token_s, prompts)[0])


def _worst(deployments: Sequence[Deployment], targets: Sequence[Target], target: Target) -> float:
    place = list(targets).index(target)
    return max(d.targets_s[place] for d in deployments)


def _tandems(
    study: Study,
    prefill: Sequence[Deployment],
    decode: Sequence[Deployment],
    least_tokens: float,
    *,
    more: Mapping[str, float] | None = None,
    metrics: Sequence[Metric] = METRICS,
) -> _Tandem:
    """Both pools one behind the other; `more` multiplies the rates of a pool."""
    workload = study.request.workload
    factor = more or {}
    worst: dict[str, float] = {}
    slo, share = study.request.slo, None
    rates = np.array([d.requests_per_s / d.dp for d in (*prefill, *decode)])
    seen = float(workload.stream.burstiness_at(rates).max())
    requests = requests_needed(slo, workload.lengths, burstiness=seen)
    asked = [slo.primary, *(t for t in slo.targets if metrics and t.metric in SPLIT)]
    targets_s = dict.fromkeys(asked, 0.0)
    for p, d in product(prefill, decode):
        run = simulate_tandem(
            law_of(p),
            law_of(d),
            workload.lengths,
            prefill_requests_per_s=p.requests_per_s / p.dp * factor.get("prefill", 1.0),
            decode_requests_per_s=d.requests_per_s / d.dp * factor.get("decode", 1.0),
            handover=Handover(
                sent_s_per_token=p.transfer_s_per_token,
                received_s_per_token=d.transfer_s_per_token,
                least_tokens=least_tokens,
            ),
            requests=requests,
            seed=SEED,
            stream=workload.stream,
        )
        for metric in metrics:
            worst[metric] = max(worst.get(metric, 0.0), run.percentile(metric, 0.99))
        for target in targets_s:
            targets_s[target] = max(targets_s[target], run.estimate(target)[0])
        if slo.goodput is not None:
            met = float(run.met(slo.together).mean())
            share = met if share is None else min(share, met)
    return _Tandem(worst, targets_s, share)


def _degraded_s(
    study: Study,
    prefill: Sequence[Deployment],
    decode: Sequence[Deployment],
    bought: Mapping[str, Bought],
    least_tokens: float,
) -> float | None:
    """First target with something lost in one pool; None where nothing is survived."""
    found = []
    for pool, pairs in bought.items():
        capacity = sum(group.requests_per_s * count for group, count in pairs)
        left = min(_left(study, pairs), default=None)
        if left:
            more = {pool: capacity / left}
            slow = _tandems(study, prefill, decode, least_tokens, more=more, metrics=())
            found.append(slow.targets_s[study.request.slo.primary])
    return max(found, default=None)


def _left(study: Study, pairs: Bought) -> Iterator[float]:
    """Capacity of a pool in each case that it survives [requests/s]."""
    spec = study.request.spec
    if spec.failures:
        rates = sorted(group.requests_per_s for group, count in pairs for _ in range(ceil(count)))
        yield sum(rates[: max(len(rates) - spec.failures, 0)])
    for name in spec.survived:
        for lost in {class_of(group, name) for group, _ in pairs}:
            yield sum(g.requests_per_s * n for g, n in pairs if class_of(g, name) != lost)
