"""Patterns on the nodes of an offer, priced: the failure groups that can be bought there."""

from collections.abc import Sequence

from catalog.schema import COMMITTED_TERMS, Offer
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.node_pattern import NodePattern


def failure_groups(offer: Offer, patterns: Sequence[NodePattern]) -> tuple[FailureGroup, ...]:
    """The patterns on nodes of an offer, priced."""
    return tuple(
        FailureGroup(
            name=f"{offer.name}/{_label(pattern)}",
            offer=offer.name,
            provider=offer.provider,
            region=offer.region,
            zone=offer.zone,
            accelerator=offer.accelerator,
            nodes=pattern.nodes,
            accelerators=pattern.nodes * offer.node_accelerators,
            replicas=pattern.replicas,
            requests_per_s=pattern.requests_per_s,
            usd_per_h=pattern.nodes * offer.usd_per_h,
            nameplate_w=pattern.nodes * offer.nameplate_power_w,
            stock=offer.stock,
            quality_loss_pct=pattern.quality_loss_pct,
            committed=offer.terms in COMMITTED_TERMS,
        )
        for pattern in patterns
    )


def _label(pattern: NodePattern) -> str:
    inside = "+".join(f"{count}x{key}" for key, count in pattern.replicas.items())
    return inside if pattern.nodes == 1 else f"{inside} on {pattern.nodes} nodes"
