"""A deployment of a plan: equal replicas, at the share of their largest rate that they carry."""

from dataclasses import asdict, fields
from math import ceil
from typing import Any

from catalog.schema import Offer
from recommender.assembly.latency_at import CarriedLatency
from recommender.assembly.uses import Use
from recommender.decision.node_limits import load_time_s
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.performance.planned_power import idle_power_w, replica_power_w
from recommender.plan import Deployment
from recommender.request.request import Request
from recommender.units import GIB


def deployment(
    request: Request,
    table: ReplicaTable,
    rates: Rates,
    use: Use,
    utilisation: float,
    latency: CarriedLatency,
    *,
    name: str,
) -> Deployment:
    """The deployment of a use, all of whose replicas run at this share of their largest rate."""
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
    request: Request, table: ReplicaTable, use: Use, requests_per_s: float, tpot_s: float
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
        "targets_half_width_s": latency.targets_half_width_s,
        "goodput": latency.goodput,
        "goodput_predicted": latency.goodput_predicted,
    }
