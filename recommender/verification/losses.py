"""Nodes that are down: the failure groups whose loss hurts most, and what the others carry.

Every failure group is lost as a whole. The survivors share the demand in proportion to what they
hold, so each replica carries  Q / C * lambda  with C the rate that is left, lambda its own.
"""

from collections import Counter
from dataclasses import dataclass

from recommender.errors import SpecError
from recommender.plan import Plan


@dataclass(frozen=True, slots=True)
class Survivors:
    """Replicas that are left and what each carries."""

    replicas: dict[str, int]
    requests_per_s: dict[str, float]
    """Of one replica [requests/s]."""
    lost: tuple[str, ...]
    lost_replicas: dict[str, int]
    """Replicas that stood in the lost groups [count]."""


def survivors(plan: Plan, *, demand: float, failures: int, what: str = "plan") -> Survivors:
    """The plan (or `what` it is) without its `failures` largest failure groups, at `demand`/s."""
    each = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    groups = [
        (sum(each[name] * count for name, count in placement.replicas.items()), placement)
        for placement in plan.placements
        for _ in range(placement.groups)
    ]
    groups.sort(key=lambda pair: -pair[0])
    if failures >= len(groups):
        raise SpecError(f"--failures {failures}: the {what} has only {len(groups)} failure groups")
    left: Counter[str] = Counter()
    for _, placement in groups[failures:]:
        left.update(placement.replicas)
    capacity = sum(each[name] * count for name, count in left.items())
    words = Counter(
        f"group of {p.offer} ({p.nodes_per_group} node(s), {rate:.3g} requests/s)"
        for rate, p in groups[:failures]
    )
    lost = tuple(f"{count} x {group}" for group, count in words.items())
    carried = {name: demand / capacity * each[name] for name, count in left.items() if count}
    gone: Counter[str] = Counter()
    for _, placement in groups[:failures]:
        gone.update(placement.replicas)
    return Survivors({name: left[name] for name in carried}, carried, lost, dict(gone))
