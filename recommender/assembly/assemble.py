"""From a decision to a plan: deployments, shares, utilisation, latency, cost, power.

u      = Q / sum(lambda_c x_c)        every replica runs at the same share of its rate,
rate_c = u * lambda_c                 so routing weights are the replicas' rates
share of a group's cost = accelerators of the replica / accelerators used in the group
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import ceil
from typing import Any

from catalog.schema import Offer
from recommender.assembly.degraded import degraded_p99_s
from recommender.assembly.emissions import carbon_kg_per_month
from recommender.assembly.latency_at import CarriedLatency, latency_at
from recommender.assembly.mean_quality import mean_quality
from recommender.decision.node_limits import load_time_s
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.performance.planned_power import idle_power_w, replica_power_w
from recommender.plan import Deployment, NodePurchase, Placement, Totals
from recommender.request.request import Request
from recommender.sizing import cost, power
from recommender.units import GIB, HOURS_PER_MONTH
from recommender.wording import price_date

NOT_INCLUDED = ("storage", "network egress", "load balancers", "support", "staff", "taxes")


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts of a plan that say what to buy and run."""

    deployments: tuple[Deployment, ...]
    nodes: tuple[NodePurchase, ...]
    placements: tuple[Placement, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class _Use:
    """Replicas of one kind on nodes of one offer."""

    offer: Offer
    position: int
    replicas: int
    nodes: int
    accelerators_paid: float
    usd_per_h: float


def assemble(
    request: Request,
    table: ReplicaTable,
    rates: Rates,
    purchase: Sequence[tuple[FailureGroup, int]],
    *,
    simulate: bool,
) -> Assembled:
    """The plan that buys these counts of failure groups."""
    uses = _uses(request, table, purchase)
    capacity = sum(use.replicas * float(rates.rate[use.position]) for use in uses)
    utilisation = request.spec.qps / capacity
    names = {(u.offer.name, u.position): f"d{i}" for i, u in enumerate(uses, start=1)}
    latencies = {
        u.position: latency_at(
            table.law.take(u.position),
            request.workload,
            request.slo,
            float(rates.rate[u.position]) * utilisation,
            simulate=simulate,
        )
        for u in uses
    }
    deployments = tuple(
        _deployment(
            request,
            table,
            rates,
            use,
            utilisation,
            latencies[use.position],
            name=names[use.offer.name, use.position],
        )
        for use in uses
    )
    placements = tuple(_placement(group, count, names) for group, count in purchase)
    nodes = _nodes(request, purchase)
    degraded = degraded_p99_s(request, table, rates, purchase, simulate=simulate)
    totals = _totals(request, deployments, nodes, degraded)
    return Assembled(deployments, nodes, placements, totals)


def _uses(
    request: Request, table: ReplicaTable, purchase: Sequence[tuple[FailureGroup, int]]
) -> list[_Use]:
    parts: dict[tuple[str, int], list[tuple[int, int, float, float]]] = defaultdict(list)
    for group, count in purchase:
        used = sum(int(table.accelerators[int(k)]) * n for k, n in group.replicas.items())
        for key, per_group in group.replicas.items():
            weight = int(table.accelerators[int(key)]) * per_group / used
            parts[group.offer, int(key)].append(
                (
                    count * per_group,
                    count * group.nodes,
                    count * group.accelerators * weight,
                    count * group.usd_per_h * weight,
                )
            )
    uses = [
        _Use(
            request.catalog.offers[offer],
            position,
            replicas=sum(p[0] for p in rows),
            nodes=sum(p[1] for p in rows),
            accelerators_paid=sum(p[2] for p in rows),
            usd_per_h=sum(p[3] for p in rows),
        )
        for (offer, position), rows in parts.items()
    ]
    return sorted(uses, key=lambda use: -use.usd_per_h)


def _deployment(
    request: Request,
    table: ReplicaTable,
    rates: Rates,
    use: _Use,
    utilisation: float,
    latency: CarriedLatency,
    *,
    name: str,
) -> Deployment:
    at = use.position
    law = table.law.take(at)
    most = float(rates.rate[at])
    return Deployment(
        name=name,
        service=request.service,
        model=table.model(at) or request.model.id,
        provider=use.offer.provider,
        offer=use.offer.name,
        accelerator=use.offer.accelerator,
        engine=request.engine.name,
        dp=use.replicas,
        nodes_per_replica=int(table.nodes[at]),
        nodes=use.nodes,
        accelerators=ceil(use.replicas * table.whole_accelerators(at) - 1e-9),
        requests_per_s=use.replicas * most * utilisation,
        max_requests_per_s=use.replicas * most,
        share=use.replicas * most * utilisation / request.spec.qps,
        utilisation=utilisation,
        cost_usd_per_h=use.usd_per_h,
        power_w=_power_w(request, table, use, most * utilisation, latency.tpot_s),
        basis=str(law.basis),
        rate_basis=rates.trust.value,
        step_law={k: float(v) for k, v in asdict(law).items() if k != "basis"},
        quality_loss_pct=float(table.quality_loss_pct[at]),
        quality_basis=table.quality_basis[at],
        quality=table.quality_at(at),
        **_layout_fields(table, at),
        **_memory_fields(table, at, use.offer),
        **_latency_fields(latency),
    )


def _power_w(
    request: Request, table: ReplicaTable, use: _Use, requests_per_s: float, tpot_s: float
) -> float:
    """Of all replicas of a use at this rate each, with what they leave idle [W]."""
    at = use.position
    hardware = table.hardware[table.hardware_index[at]]
    each = table.whole_accelerators(at)
    unused = use.accelerators_paid - use.replicas * each
    idle_w = idle_power_w(hardware=hardware, accelerators=unused)
    watts = replica_power_w(
        law=table.law.take(at),
        lengths=request.workload.lengths,
        requests_per_s=requests_per_s,
        tpot_s=tpot_s,
        hardware=hardware,
        accelerators=each,
    )
    nameplate = use.offer.nameplate_power_w * use.accelerators_paid / use.offer.node_accelerators
    if watts is None or idle_w is None:
        return nameplate
    return min(use.replicas * watts + idle_w, nameplate)


def _layout_fields(table: ReplicaTable, at: int) -> dict[str, Any]:
    layout = table.layouts[at]
    sharing = table.hardware[table.hardware_index[at]].sharing
    return {
        **{field.name: getattr(layout, field.name) for field in fields(layout)},
        "accelerators_per_replica": layout.accelerators,
        "sharing": "" if sharing is None else str(sharing),
        "instances_per_accelerator": 1 if sharing is None else sharing.instances,
    }


def _memory_fields(table: ReplicaTable, at: int, offer: Offer) -> dict[str, Any]:
    weights = float(table.weights_bytes[at]) / GIB
    cache = float(table.kv_bytes[at]) / GIB
    overhead = float(table.overhead_bytes[at]) / GIB
    return {
        "vram_used_gib": weights + cache + overhead,
        "vram_usable_gib": table.hardware[table.hardware_index[at]].accelerator.memory_bytes / GIB,
        "weights_gib": weights,
        "kv_cache_gib": cache,
        "overhead_gib": overhead,
        "load_time_s": load_time_s(at, table, read_gb_per_s=offer.local_storage_read_gb_per_s),
    }


def _latency_fields(latency: CarriedLatency) -> dict[str, Any]:
    return {
        "ttft_p99_s": latency.ttft_s,
        "tpot_p99_s": latency.tpot_s,
        "itl_p99_s": latency.itl_s,
        "e2e_p99_s": latency.e2e_s,
        "ttft_p99_predicted_s": latency.ttft_predicted_s,
        "tpot_p99_predicted_s": latency.tpot_predicted_s,
        "e2e_p99_predicted_s": latency.e2e_predicted_s,
        "targets_s": latency.targets_s,
        "targets_predicted_s": latency.targets_predicted_s,
        "goodput": latency.goodput,
        "goodput_predicted": latency.goodput_predicted,
    }


def _placement(group: FailureGroup, count: int, names: Mapping[tuple[str, int], str]) -> Placement:
    return Placement(
        offer=group.offer,
        groups=count,
        nodes_per_group=group.nodes,
        replicas={names[group.offer, int(key)]: n for key, n in group.replicas.items()},
        requests_per_s=group.requests_per_s,
        zone=group.zone or "",
    )


def _nodes(
    request: Request, purchase: Sequence[tuple[FailureGroup, int]]
) -> tuple[NodePurchase, ...]:
    counts: dict[str, int] = defaultdict(int)
    for group, count in purchase:
        counts[group.offer] += count * group.nodes
    offers = request.catalog.offers
    return tuple(
        NodePurchase(
            name,
            count,
            offers[name].usd_per_h,
            price_date(offers[name]),
            offers[name].source,
            offers[name].node_accelerators,
        )
        for name, count in counts.items()
    )


def _totals(
    request: Request,
    deployments: Sequence[Deployment],
    nodes: Sequence[NodePurchase],
    degraded_p99_s: float | None,
) -> Totals:
    offers = request.catalog.offers
    usd_per_h = sum(n.nodes * n.usd_per_node_h for n in nodes)
    rate = sum(d.requests_per_s for d in deployments)
    tokens_per_s = rate * request.workload.lengths.mean_output
    at_peak = cost.usd_per_million_tokens(usd_per_h=usd_per_h, tokens_per_s=tokens_per_s)
    peak_to_mean = request.workload.peak_to_mean
    watts = sum(d.power_w for d in deployments)
    return Totals(
        nodes=sum(n.nodes for n in nodes),
        accelerators=sum(n.nodes * offers[n.offer].node_accelerators for n in nodes),
        requests_per_s=rate,
        cost_usd_per_h=usd_per_h,
        cost_usd_per_month=cost.cost_per_month_usd(usd_per_h=usd_per_h),
        usd_per_million_output_tokens=None if peak_to_mean is None else at_peak * peak_to_mean,
        usd_per_million_output_tokens_at_peak=at_peak,
        power_w=watts,
        power_nameplate_w=sum(n.nodes * offers[n.offer].nameplate_power_w for n in nodes),
        p99_s=max(d.targets_s[0] for d in deployments),
        degraded_p99_s=degraded_p99_s,
        energy_kwh_per_month=power.energy_kwh(power_w=watts, hours=HOURS_PER_MONTH),
        joules_per_output_token=watts / tokens_per_s,
        quality_loss_pct=max(d.quality_loss_pct for d in deployments),
        quality=mean_quality(deployments),
        cost_not_included=NOT_INCLUDED,
        carbon_kg_per_month=carbon_kg_per_month(request, deployments),
    )
