"""Groups for tests, and the optimum by looking at every plan."""

from itertools import product
from math import ceil, inf

from recommender.formulation.classes import ClassName, class_of
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import RackLimit, SingleService


def group(name: str, rate: float, usd: float, **other: object) -> FailureGroup:
    """A group of one 8-accelerator node unless `other` says so."""
    defaults = {
        "offer": name,
        "provider": "p",
        "region": "r",
        "accelerator": "h",
        "nodes": 1,
        "accelerators": 8,
        "replicas": {name: 1},
        "nameplate_w": 1000.0,
    }
    return FailureGroup(name=name, requests_per_s=rate, usd_per_h=usd, **{**defaults, **other})


def rate_left(plan: list[tuple[FailureGroup, int]], failures: int) -> float:
    """Rate when the largest groups are gone, one group after the other."""
    rates = sorted((g.requests_per_s for g, n in plan for _ in range(n)), reverse=True)
    return sum(rates[failures:])


def meets(question: SingleService, plan: list[tuple[FailureGroup, int]]) -> bool:
    """Every promise of the question, by plain arithmetic on the groups."""
    q = question

    def total(attribute: str) -> float:
        return sum(getattr(g, attribute) * n for g, n in plan)

    offers = {g.offer: g.stock for g, _ in plan if g.stock is not None}
    return (
        total("requests_per_s") >= (1 + q.headroom) * q.demand_per_s - 1e-9
        and rate_left(plan, q.failures) >= q.demand_per_s - 1e-9
        and (q.budget_usd_per_h is None or total("usd_per_h") <= q.budget_usd_per_h + 1e-9)
        and (q.power_w is None or total("nameplate_w") <= q.power_w)
        and (q.max_accelerators is None or total("accelerators") <= q.max_accelerators)
        and (q.max_nodes is None or total("nodes") <= q.max_nodes)
        and (q.max_types is None or len({g.accelerator for g, n in plan if n}) <= q.max_types)
        and meets_classes(q, plan)
        and (not q.survive_rack or rate_without_a_rack(plan) >= q.demand_per_s - 1e-9)
        and (q.carbon_g_per_h is None or total("carbon_g_per_h") <= q.carbon_g_per_h)
        and (q.racks is None or racks_used(q.racks, plan) <= q.racks.count)
        and all(
            sum(g.nodes * n for g, n in plan if g.offer == offer) <= stock
            for offer, stock in offers.items()
        )
    )


def meets_classes(q: SingleService, plan: list[tuple[FailureGroup, int]]) -> bool:
    """Losses, shares and spread of classes; models; utilisation and mean quality."""
    rate = sum(g.requests_per_s * n for g, n in plan)

    def by(name: ClassName) -> dict[str, float]:
        found: dict[str, float] = {}
        for g, n in plan:
            value = class_of(g, name)
            found[value] = found.get(value, 0.0) + g.requests_per_s * n
        return found

    lost = sum(g.quality_loss_pct * g.requests_per_s * n for g, n in plan)
    quality = sum(g.quality * g.requests_per_s * n for g, n in plan)
    return (
        (not q.one_model or len({g.model for g, n in plan if n}) == 1)
        and (q.least_mean_quality is None or quality >= q.least_mean_quality * rate - 1e-9)
        and all(rate - max(by(name).values()) >= q.demand_per_s - 1e-9 for name in q.survive)
        and all(max(by(c).values()) <= s * rate + 1e-9 for c, s in q.max_share.items())
        and all(sum(r > 0 for r in by(c).values()) >= m for c, m in q.min_spread.items())
        and (q.min_utilisation is None or q.demand_per_s >= q.min_utilisation * rate - 1e-9)
        and (q.mean_quality_loss_pct is None or lost <= q.mean_quality_loss_pct * rate + 1e-9)
    )


def rate_without_a_rack(plan: list[tuple[FailureGroup, int]]) -> float:
    """Rate when the worst rack of any offer is gone: filled by falling rate per node, the last
    group counts for the part that fits (exact where groups fill racks)."""
    whole = sum(g.requests_per_s * n for g, n in plan)
    worst = 0.0
    for offer in {g.offer for g, n in plan if n}:
        inside = sorted(
            (g for g, n in plan if g.offer == offer for _ in range(n)),
            key=lambda g: -g.requests_per_s / g.nodes,
        )
        room, lost = inside[0].rack_nodes or 0, 0.0
        for g in inside:
            taken = min(room, g.nodes)
            lost += g.requests_per_s * taken / g.nodes
            room -= taken
        worst = max(worst, lost)
    return whole - worst


def racks_used(limit: RackLimit, plan: list[tuple[FailureGroup, int]]) -> float:
    """Racks, each with nodes of one offer."""
    nodes: dict[str, int] = {}
    fit: dict[str, int] = {}
    for g, n in plan:
        nodes[g.offer] = nodes.get(g.offer, 0) + g.nodes * n
        node_w = g.nameplate_w / g.nodes
        fit[g.offer] = min(limit.units // (g.rack_units or 1), int(limit.power_w // node_w))
    return sum((ceil(n / fit[offer]) if fit[offer] else inf) for offer, n in nodes.items() if n)


def brute_force(
    question: SingleService, attribute: str = "usd_per_h", waste: int = 1
) -> float | None:
    """Least total of the attribute over all plans without waste; None when none is feasible.

    Rows that compare rates may need more of a group than covers everything: `waste` times.
    """
    groups = question.groups
    largest = max(g.requests_per_s for g in groups)
    lost = question.failures
    if question.survive_rack:
        lost = max(lost, *(g.rack_nodes or 0 for g in groups))
    need = (1 + question.headroom) * question.demand_per_s + lost * largest
    most = [ceil(waste * need / g.requests_per_s) for g in groups]
    most = [
        m if g.stock is None else min(m, g.stock // g.nodes)
        for m, g in zip(most, groups, strict=True)
    ]
    best = None
    for counts in product(*(range(m + 1) for m in most)):
        plan = list(zip(groups, counts, strict=True))
        value = sum(getattr(g, attribute) * n for g, n in plan)
        if (best is None or value < best) and meets(question, plan):
            best = value
    return best
