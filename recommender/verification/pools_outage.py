"""What a failure does to a plan with pools: the worst groups of each pool go down, pool by pool.

What one pool loses the other does not, so each pool in turn loses all of them; the other carries
what it did, and the requests that are sent again on top.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil
from types import MappingProxyType

from recommender.performance.step_law import StepLaw
from recommender.plan import Plan
from recommender.verification.incident import Incident, Kind
from recommender.verification.losses import Survivors, survivors
from recommender.verification.outage import Failure, Repeated, kind_of, outage_of
from recommender.verification.pools import pool_of
from recommender.verification.pools_incident import pair, replay_pools_incident
from recommender.verification.pools_senders import BothPools, Member, weights
from recommender.verification.sources import Source
from recommender.verification.verification import Outage

POOLS = ("prefill", "decode")


def replay_pools_outage(
    plan: Plan,
    failure: Failure,
    source: Source,
    *,
    demand: float,
    recompute: Mapping[str, StepLaw] = MappingProxyType({}),
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Outage, ...]:
    """Replay the failure in each pool; `recompute` as in `Replay`; SpecError as `replay_outage`."""
    whole = {pool: survivors(pool_of(plan, pool), demand=demand, failures=0) for pool in POOLS}
    return tuple(
        _outage(
            plan,
            failure,
            source,
            whole,
            pool,
            demand=demand,
            recompute=recompute,
            progress=progress,
        )
        for pool in POOLS
    )


def _outage(
    plan: Plan,
    failure: Failure,
    source: Source,
    whole: Mapping[str, Survivors],
    failing: str,
    *,
    demand: float,
    recompute: Mapping[str, StepLaw],
    progress: Callable[[str], None],
) -> Outage:
    alone = pool_of(plan, failing)
    less = survivors(alone, demand=demand, failures=failure.failures, what=f"{failing} pool")
    left = {**whole, failing: less}
    pools = _both(plan, whole, left, failure, recompute)
    judged = {pair(p, d): member.kind for p in pools.prefill for d, member in pools.decode.items()}
    members = {**pools.prefill, **pools.decode}

    def replayed(seed: int) -> Incident:
        return replay_pools_incident(pools, failure.times, source, seed=seed)

    asked = Repeated(
        plan=plan,
        failure=failure,
        judged=judged,
        simulated={name: member.kind for name, member in members.items()},
        lost=left[failing].lost,
        replayed=replayed,
        burstiness_at=source.burstiness_at,
        what=f"{failing} nodes down",
    )
    return outage_of(asked, progress=progress)


def _both(
    plan: Plan,
    whole: Mapping[str, Survivors],
    left: Mapping[str, Survivors],
    failure: Failure,
    recompute: Mapping[str, StepLaw],
) -> BothPools:
    """Both pools with as many senders as the simulated decode replicas need."""
    assert plan.pools is not None
    members = {
        pool: {
            d.name: Member(
                kind=kind_of(d, whole[pool], left[pool], failure.times),
                s_per_token=d.transfer_s_per_token,
                recompute=recompute.get(d.name),
            )
            for d in plan.deployments
            if d.pool == pool
        }
        for pool in POOLS
    }
    decode = members["decode"]
    share = max(float(weights(decode, degraded=down).sum()) for down in (False, True))
    prefill = {
        name: replace(member, kind=_senders(member.kind, share))
        for name, member in members["prefill"].items()
    }
    return BothPools(prefill=prefill, decode=decode, least_tokens=plan.pools.least_tokens)


def _senders(kind: Kind, share: float) -> Kind:
    """The fewest that stand for all that are left and feed this share of the decode pool."""
    return replace(kind, stand_ins=min(kind.left, max(1, ceil(kind.left * share * (1 - 1e-9)))))
