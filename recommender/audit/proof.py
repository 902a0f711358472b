"""What a plan says of the best plan there is: no claim of its own contradicts another.

bound <= objective          gap = (objective - bound) / objective
optimal                     the bound is the objective
pools, where they were compared: no worse than the best plan without
"""

from collections.abc import Iterator
from math import inf

from recommender.audit.finding import at_most, equal
from recommender.plan import Finding, Plan
from recommender.request.spec import Spec

OPTIMAL = "optimal"
WITH_A_PLAN = (OPTIMAL, "feasible")
"""Statuses of answers that hold a plan."""


def findings(plan: Plan, spec: Spec) -> Iterator[Finding]:
    """Status, bound and gap; that the bound is right is for solvers to show."""
    if plan.objective is None:
        return
    yield equal("the status is that of a plan", 1.0, float(plan.status in WITH_A_PLAN), "")
    if plan.bound is not None:
        gap = (plan.objective - plan.bound) / plan.objective if plan.objective else 0.0
        yield at_most("bound of the objective", plan.bound, plan.objective, "")
        yield equal("gap to the bound", plan.gap or 0.0, gap, "")
    if plan.status == OPTIMAL:
        least = -inf if plan.bound is None else plan.bound
        yield equal("an optimal plan reaches its bound", plan.objective, least, "")
    split = plan.pools
    if split is not None and split.without_pools is not None and spec.disaggregate == "auto":
        yield at_most("pools are no worse than none", plan.objective, split.without_pools, "")
