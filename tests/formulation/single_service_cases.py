"""Groups for tests, and the optimum by looking at every plan."""

from itertools import product
from math import ceil

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import SingleService


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
        and all(
            sum(g.nodes * n for g, n in plan if g.offer == offer) <= stock
            for offer, stock in offers.items()
        )
    )


def brute_force(question: SingleService, attribute: str = "usd_per_h") -> float | None:
    """Least total of the attribute over all plans without waste; None when none is feasible."""
    groups = question.groups
    largest = max(g.requests_per_s for g in groups)
    need = (1 + question.headroom) * question.demand_per_s + question.failures * largest
    most = [
        ceil(need / g.requests_per_s) if g.stock is None else g.stock // g.nodes for g in groups
    ]
    best = None
    for counts in product(*(range(m + 1) for m in most)):
        plan = list(zip(groups, counts, strict=True))
        value = sum(getattr(g, attribute) * n for g, n in plan)
        if (best is None or value < best) and meets(question, plan):
            best = value
    return best
