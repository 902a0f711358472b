"""What a plan buys, in one line."""

from collections.abc import Sequence

from recommender.decision.study import Study
from recommender.formulation.failure_group import FailureGroup
from recommender.wording import node_name


def purchase_text(study: Study, bought: Sequence[tuple[FailureGroup, int]]) -> str:
    """`13 x 8xB200 180GB SXM at nebius (2 x fp8 tp4 b256 c8192 each)`."""
    return "; ".join(_group_text(study, group, count) for group, count in bought)


def _group_text(study: Study, group: FailureGroup, count: int) -> str:
    offer = study.request.catalog.offers[group.offer]
    inside = ", ".join(
        f"{n:,} x {study.table.describe_layout(int(key))}" for key, n in group.replicas.items()
    )
    each = "each" if group.nodes == 1 else f"on every {group.nodes} nodes"
    where = "" if group.zone is None else f" in {group.zone}"
    return f"{count * group.nodes:,} x {node_name(offer)}{where} ({inside} {each})"
