"""From two purchases to a plan: each pool assembled by itself, then what holds for both."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recommender.assembly.assemble import Assembled, assemble
from recommender.decision.study import Study
from recommender.disaggregation.pool_laws import IN_FLIGHT
from recommender.disaggregation.pools_latency import PoolsLatency, pools_latency
from recommender.disaggregation.pools_of import TwoPools
from recommender.disaggregation.search import Candidate
from recommender.formulation.solve_pools import Bought, PoolsSolution
from recommender.plan import Deployment, NodePurchase, PoolSplit, Totals
from recommender.sizing import cost, power
from recommender.units import GIB, HOURS_PER_MONTH

LETTER = {"prefill": "p", "decode": "d"}


@dataclass(frozen=True, slots=True)
class PoolsParts:
    """What a plan with pools says that one without does not."""

    parts: Assembled
    split: PoolSplit


def assemble_pools(
    study: Study,
    pools: TwoPools,
    candidate: Candidate,
    solution: PoolsSolution,
    *,
    simulate: bool,
    without_pools: float | None,
) -> PoolsParts:
    """The plan that buys this; `without_pools` is the objective of the best plan without."""
    parts = {
        name: _assembled(study, candidate, name, bought, simulate=simulate)
        for name, bought in solution.bought.items()
    }
    deployments = tuple(d for part in parts.values() for d in part.deployments)
    latency = pools_latency(
        study, candidate, deployments, solution.bought, pools.least_tokens, simulate=simulate
    )
    nodes = nodes_of_both([part.nodes for part in parts.values()])
    totals = _totals(study, [part.totals for part in parts.values()], deployments, nodes, latency)
    placements = tuple(p for part in parts.values() for p in part.placements)
    split = _split(candidate, latency, deployments, pools, without_pools)
    deployments = tuple(
        _without_targets_of_prefill(_with_goodput(d, study, latency)) for d in deployments
    )
    return PoolsParts(Assembled(deployments, nodes, placements, totals), split)


def _assembled(
    study: Study, candidate: Candidate, name: str, bought: Bought, *, simulate: bool
) -> Assembled:
    """One pool as a plan of its own, its deployments named p1, p2, ... or d1, d2, ..."""
    side = candidate.sides[name]
    request = replace(
        study.request,
        workload=replace(
            side.pool.workload,
            requests_per_s=study.request.workload.requests_per_s,
            peak_to_mean=study.request.workload.peak_to_mean,
            planned_share=study.request.workload.planned_share,
        ),
        slo=side.book.rates.slo,
        spec=study.request.spec.model_copy(
            update={"redundancy": "none", "survive": (), "survive_rack": False}
        ),
    )
    part = assemble(request, side.table, side.rates, bought, simulate=simulate)
    positions = _positions(part, bought)
    deployments = tuple(
        replace(
            d,
            name=LETTER[name] + d.name[1:],
            pool=name,
            transfer_s_per_token=float(side.token_s[positions[d.name]]),
        )
        for d in part.deployments
    )
    placements = tuple(
        replace(p, replicas={LETTER[name] + old[1:]: n for old, n in p.replicas.items()})
        for p in part.placements
    )
    return replace(part, deployments=deployments, placements=placements)


def _with_goodput(d: Deployment, study: Study, latency: PoolsLatency) -> Deployment:
    """The share of requests that meet all limits, of the whole: simulated, and as it was split."""
    asked = study.request.slo.goodput
    if d.pool == "prefill" or asked is None:
        return replace(d, goodput=None, goodput_predicted=None)
    share = asked if latency.goodput is None else latency.goodput
    return replace(d, goodput=share, goodput_predicted=asked)


def _without_targets_of_prefill(d: Deployment) -> Deployment:
    """Targets of the decode pool are those of the plan in order, as far as that pool goes."""
    if d.pool != "prefill":
        return d
    return replace(d, targets_s=(), targets_predicted_s=(), targets_half_width_s=())


def _positions(part: Assembled, bought: Bought) -> dict[str, int]:
    """Deployment -> kind of the pool: placements are in the order of the purchase."""
    found: dict[str, int] = {}
    for placement, (group, _) in zip(part.placements, bought, strict=True):
        found |= dict(zip(placement.replicas, map(int, group.replicas), strict=True))
    return found


def nodes_of_both(parts: Sequence[Sequence[NodePurchase]]) -> tuple[NodePurchase, ...]:
    """Nodes of both pools; an offer that both buy from is one line."""
    counts: dict[str, int] = defaultdict(int)
    known: dict[str, NodePurchase] = {}
    for purchase in (n for part in parts for n in part):
        counts[purchase.offer] += purchase.nodes
        known[purchase.offer] = purchase
    return tuple(replace(known[offer], nodes=nodes) for offer, nodes in counts.items())


def _totals(
    study: Study,
    parts: Sequence[Totals],
    deployments: Sequence[Deployment],
    nodes: Sequence[NodePurchase],
    latency: PoolsLatency,
) -> Totals:
    workload = study.request.workload
    usd_per_h = sum(n.nodes * n.usd_per_node_h for n in nodes)
    tokens_per_s = study.request.spec.qps * workload.lengths.mean_output
    at_peak = cost.usd_per_million_tokens(usd_per_h=usd_per_h, tokens_per_s=tokens_per_s)
    watts = sum(part.power_w for part in parts)
    peak_to_mean = workload.peak_to_mean
    return replace(
        parts[0],
        nodes=sum(part.nodes for part in parts),
        accelerators=sum(part.accelerators for part in parts),
        requests_per_s=study.request.spec.qps,
        cost_usd_per_h=usd_per_h,
        cost_usd_per_month=cost.cost_per_month_usd(usd_per_h=usd_per_h),
        cost_over_horizon_usd=cost.cost_over_usd(usd_per_h=usd_per_h, hours=parts[0].horizon_h),
        usd_per_million_output_tokens=None if peak_to_mean is None else at_peak * peak_to_mean,
        usd_per_million_output_tokens_at_peak=at_peak,
        power_w=watts,
        power_nameplate_w=sum(part.power_nameplate_w for part in parts),
        p99_s=latency.p99_s,
        degraded_p99_s=latency.degraded_p99_s,
        energy_kwh_per_month=power.energy_kwh(power_w=watts, hours=HOURS_PER_MONTH),
        joules_per_output_token=watts / tokens_per_s,
        quality_loss_pct=max(d.quality_loss_pct for d in deployments),
        carbon_kg_per_month=_sum([part.carbon_kg_per_month for part in parts]),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    """None where any is unknown."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _split(
    candidate: Candidate,
    latency: PoolsLatency,
    deployments: Sequence[Deployment],
    pools: TwoPools,
    without_pools: float | None,
) -> PoolSplit:
    return PoolSplit(
        parts=latency.parts,
        moving_limit_s=candidate.split.transfer_s,
        tandem_p99_s=latency.tandem_p99_s,
        kv_bytes_per_token=_moved_bytes(deployments),
        least_tokens=pools.least_tokens,
        without_pools=without_pools,
        goodput=candidate.split.goodput,
    )


def _moved_bytes(deployments: Sequence[Deployment]) -> Mapping[str, float]:
    """Cache of a prompt token that each decode deployment receives [B]."""
    return {
        d.name: d.kv_cache_gib * GIB / d.step_law["kv_tokens"] * (1 - IN_FLIGHT) * d.tp * d.pp
        for d in deployments
        if d.pool == "decode"
    }
