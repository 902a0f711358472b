"""Survival, re-derived: nodes are killed one by one, always the one that hurts most.

Every failure group is written out; losing any of its nodes loses the group. Killing the k
largest groups is the worst that k node losses can do, because a second loss in the same group
costs nothing more.
"""

from collections.abc import Iterator

from recommender.audit.finding import at_least
from recommender.plan import Finding, Plan
from recommender.request.spec import Spec


def capacity_after_losses(plan: Plan, losses: int) -> float:
    """Rate within the SLO that is left when the worst `losses` nodes are gone [requests/s]."""
    per_replica = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    groups = [
        sum(count * per_replica[name] for name, count in placement.replicas.items())
        for placement in plan.placements
        for _ in range(placement.groups)
    ]
    return sum(sorted(groups)[: max(len(groups) - losses, 0)])


def findings(plan: Plan, spec: Spec) -> Iterator[Finding]:
    """The peak is still carried with the worst k nodes gone."""
    if spec.failures:
        yield at_least(
            f"capacity with the worst {spec.failures} node(s) lost covers the peak",
            capacity_after_losses(plan, spec.failures),
            spec.qps,
            "requests/s",
        )
