"""Totals of a plan: money, power, energy, latency and quality of all deployments together."""

from collections.abc import Sequence

from recommender.assembly.emissions import carbon_kg_per_month
from recommender.assembly.mean_quality import mean_quality
from recommender.assembly.nodes import nameplate_w, nodes_usd_per_h
from recommender.plan import Deployment, NodePurchase, Totals
from recommender.request.request import Request
from recommender.sizing import cost, power
from recommender.units import HOURS_PER_MONTH

NOT_INCLUDED = ("storage", "network egress", "load balancers", "support", "staff", "taxes")


def totals_of(
    request: Request,
    deployments: Sequence[Deployment],
    nodes: Sequence[NodePurchase],
    degraded_p99_s: float | None,
) -> Totals:
    """Of these deployments on these nodes, at the rate that they carry."""
    offers = request.catalog.offers
    usd_per_h = nodes_usd_per_h(nodes)
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
        power_nameplate_w=nameplate_w(request, nodes),
        p99_s=max(d.targets_s[0] for d in deployments),
        degraded_p99_s=degraded_p99_s,
        energy_kwh_per_month=power.energy_kwh(power_w=watts, hours=HOURS_PER_MONTH),
        joules_per_output_token=watts / tokens_per_s,
        quality_loss_pct=max(d.quality_loss_pct for d in deployments),
        quality=mean_quality(deployments),
        cost_not_included=NOT_INCLUDED,
        carbon_kg_per_month=carbon_kg_per_month(request, deployments),
        horizon_h=request.spec.horizon,
        cost_over_horizon_usd=cost.cost_over_usd(usd_per_h=usd_per_h, hours=request.spec.horizon),
    )
