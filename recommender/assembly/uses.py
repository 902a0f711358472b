"""What a purchase runs: replicas of one kind on nodes of one offer, with their part of the price.

share of a group's cost = accelerators of the replica / accelerators used in the group
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.schema import Offer
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.request.request import Request


@dataclass(frozen=True, slots=True)
class Use:
    """Replicas of one kind on nodes of one offer."""

    offer: Offer
    position: int
    replicas: int
    nodes: int
    accelerators_paid: float
    usd_per_h: float


def uses_of(
    request: Request, table: ReplicaTable, purchase: Sequence[tuple[FailureGroup, int]]
) -> list[Use]:
    """The uses of a purchase, dearest first."""
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
        Use(
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


def utilisation_of(request: Request, rates: Rates, uses: Sequence[Use]) -> float:
    """u: the share of its largest rate at which every replica of a purchase runs."""
    return request.spec.qps / sum(use.replicas * float(rates.rate[use.position]) for use in uses)
