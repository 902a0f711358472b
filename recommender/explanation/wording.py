"""Short names of what is bought, the same wherever a plan is described in one line."""

from collections.abc import Sequence

from catalog.schema import Offer
from recommender.decision.study import Study
from recommender.formulation.failure_group import FailureGroup


def node_name(offer: Offer) -> str:
    """`8xB200 180GB SXM at nebius`."""
    terms = "" if offer.terms == "on_demand" else f", {offer.terms.replace('_', ' ')}"
    return f"{offer.node_accelerators}x{offer.accelerator} at {offer.provider}{terms}"


def price_date(offer: Offer) -> str:
    """`2026-09-06`, `2026-02` or `2026`, as far as it is known; `undated`."""
    if offer.date is None:
        return "undated"
    parts = {"day": 3, "month": 2, "year": 1, "undated": 0}[offer.date_precision]
    return "-".join(str(offer.date).split("-")[:parts]) or "undated"


def purchase_text(study: Study, bought: Sequence[tuple[FailureGroup, int]]) -> str:
    """`13 x 8xB200 180GB SXM at nebius (2 x fp8 tp4 b256 c8192 each)`."""
    return "; ".join(_group_text(study, group, count) for group, count in bought)


def _group_text(study: Study, group: FailureGroup, count: int) -> str:
    offer = study.request.catalog.offers[group.offer]
    inside = ", ".join(
        f"{n} x {study.table.describe_layout(int(key))}" for key, n in group.replicas.items()
    )
    each = "each" if group.nodes == 1 else f"on every {group.nodes} nodes"
    where = "" if group.zone is None else f" in {group.zone}"
    return f"{count * group.nodes} x {node_name(offer)}{where} ({inside} {each})"


def duration_text(seconds: float) -> str:
    """`231 ms`, `5.28 s`."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"
