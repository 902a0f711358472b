"""Replaying a plan with pools: requests pass a prefill replica, two networks and a decode replica.

Every pair of a prefill and a decode deployment is replayed (`queueing.tandem`) at the rates that
they carry. With nodes down, all of them are down in one pool, and each pool in turn: the worst
that so many losses can do, for what one pool loses the other does not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import ceil

from recommender.assembly.stated_law import law_of
from recommender.plan import Deployment, Plan, PoolSplit
from recommender.queueing.simulated import Simulated
from recommender.queueing.tandem import Handover, feed, replay_tandem
from recommender.queueing.verdict import requests_that_tell
from recommender.slo import Slo
from recommender.traces.trace import TraceError
from recommender.verification.busiest import busiest_of
from recommender.verification.judge import goodput, growth, judge_slo, measured_percentiles
from recommender.verification.load import Load
from recommender.verification.losses import Survivors, survivors
from recommender.verification.sources import Source
from recommender.verification.verification import Busiest, Replayed, Verification
from recommender.verification.verify import FEWEST_REQUESTS, SEED, Replay, until_decided

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Case:
    """Both pools at what they carry in one case of losses."""

    words: str
    prefill: Survivors
    decode: Survivors


def verify_pools(
    plan: Plan, asked: Replay, *, progress: Callable[[str], None] = lambda _: None
) -> Verification:
    """Replay every pair of deployments, in every case of losses."""
    split = plan.pools
    if split is None:
        raise ValueError("the plan has no pools")
    slo = Slo(plan.targets, plan.goodput)
    by_name = {d.name: d for d in plan.deployments}
    replays, lost = [], list[str]()
    for case in _cases(plan, asked):
        lost += [f"{case.words}: {what}" for what in (*case.prefill.lost, *case.decode.lost)]
        for p, d in product(case.prefill.replicas, case.decode.replicas):
            name = f"{p} then {d}" + (f", {case.words}" if asked.failures else "")
            progress(f"replaying {name}")
            replays.append(_replay(name, by_name[p], by_name[d], case, split, slo, asked))
    return Verification(
        demand_requests_per_s=asked.demand_requests_per_s,
        arrivals=asked.arrivals,
        lost=tuple(lost),
        replays=tuple(replays),
    )


def pool_of(plan: Plan, pool: str) -> Plan:
    """One pool of a plan, as if it were a plan."""
    names = {d.name for d in plan.deployments if d.pool == pool}
    return replace(
        plan,
        deployments=tuple(d for d in plan.deployments if d.name in names),
        placements=tuple(p for p in plan.placements if names & p.replicas.keys()),
    )


def _cases(plan: Plan, asked: Replay) -> Iterator[_Case]:
    def left(pool: str, failures: int) -> Survivors:
        part = pool_of(plan, pool)
        demand = asked.demand_requests_per_s
        return survivors(part, demand=demand, failures=failures, what=f"{pool} pool")

    if not asked.failures:
        yield _Case("", left("prefill", 0), left("decode", 0))
        return
    yield _Case("prefill nodes down", left("prefill", asked.failures), left("decode", 0))
    yield _Case("decode nodes down", left("prefill", 0), left("decode", asked.failures))


def _replay(
    name: str,
    p: Deployment,
    d: Deployment,
    case: _Case,
    split: PoolSplit,
    slo: Slo,
    asked: Replay,
) -> Replayed:
    rates = case.prefill.requests_per_s[p.name], case.decode.requests_per_s[d.name]
    seen = max(asked.source.burstiness_at(rate) for rate in rates)
    fewest = max(FEWEST_REQUESTS, requests_that_tell(slo, burstiness=seen))
    requests = max(fewest, int(rates[1] * asked.hours * _HOUR_S))
    run = until_decided(lambda n: _run(p, d, rates, split, asked, asked.source, n), requests, slo)
    judged, of_goodput = judge_slo(run, slo)
    ratio, grows = growth(run)
    return Replayed(
        deployment=name,
        replicas=case.decode.replicas[d.name],
        requests_per_s=run.ttft_s.size / float(run.arrival_s[-1] - run.arrival_s[0]),
        requests=run.ttft_s.size,
        percentiles=measured_percentiles(run),
        targets=judged,
        goodput=goodput(run, slo.targets),
        goodput_judged=of_goodput,
        growth=ratio,
        grows=grows,
        cached_share=run.cached_share,
        preemptions=run.preemptions if asked.source.kv == "preempt" else None,
        busiest=_busiest(p, d, rates, split, asked, slo),
    )


def _busiest(
    p: Deployment,
    d: Deployment,
    rates: tuple[float, float],
    split: PoolSplit,
    asked: Replay,
    slo: Slo,
) -> Busiest | None:
    """The busiest minute, by when caches arrive; gaps between tokens are those of the stretch."""
    source = asked.busiest
    if source is None:
        return None

    def run(requests: int) -> Simulated:
        seconds = source.passes(rates[1], requests) * source.arrivals.period_s
        steady = ceil(rates[1] * seconds)  # what `_run` takes the time of the replay from
        return source.of_minute(_run(p, d, rates, split, asked, source, steady))

    found = until_decided(run, requests_that_tell(slo), slo)
    return busiest_of(found, slo, source, promised=asked.promises_busiest)


def _run(
    p: Deployment,
    d: Deployment,
    rates: tuple[float, float],
    split: PoolSplit,
    asked: Replay,
    source: Source,
    requests: int,
) -> Simulated:
    """One decode replica behind the fewest prefill replicas that feed it."""
    each, behind = rates
    fed = feed(prefill_requests_per_s=each, decode_requests_per_s=behind)
    seconds = 1.2 * requests / (fed.replicas * fed.share * each)  # warm-up and end are cut off
    load = Load((0.0, seconds), (each,))
    streams = source.streams(law_of(p), load, SEED, fed.replicas)
    law = law_of(d)
    longest = max(
        int((stream.input_tokens + stream.output_tokens).max(initial=0)) for stream in streams
    )
    if longest > float(law.kv_tokens):
        raise TraceError(
            f"a request has {longest:,} tokens; the KV cache of a rank of {d.name} holds "
            f"{ceil(float(law.kv_tokens)):,}: size the plan with these requests"
        )
    handover = Handover(
        sent_s_per_token=p.transfer_s_per_token,
        received_s_per_token=d.transfer_s_per_token,
        least_tokens=split.least_tokens,
    )
    return replay_tandem(
        law_of(p),
        law,
        streams,
        share=fed.share,
        handover=handover,
        seed=SEED,
        recompute=asked.recompute.get(d.name),
    )
