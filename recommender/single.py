"""`--single`: the one kind of failure group that alone is best, without mixing.

    m = max( ceil((1+h) Q / c), ceil(Q / c) + k )        groups of capacity c

No solver is needed to compare kinds; the program is then solved over the winner alone, so that
limits, proof and export are those of every other plan.
"""

from collections.abc import Sequence

import numpy as np

from recommender.formulation.failure_group import FailureGroup
from recommender.front import fewest_groups
from recommender.question import Question, objective_of


def best_single(groups: Sequence[FailureGroup], question: Question) -> list[FailureGroup]:
    """The best group within the limits, as a list of one; all groups where none fits."""
    usable = [group for group in groups if group.requests_per_s > 0]
    if not usable:
        return list(groups)
    counts = fewest_groups(
        np.asarray([group.requests_per_s for group in usable]),
        demand=question.demand_per_s,
        headroom=question.headroom,
        losses=question.failures,
    )
    bought = [(group, int(count)) for group, count in zip(usable, counts, strict=True)]
    within = [pair for pair in bought if _within(pair, question)] or bought
    best = min(
        within,
        key=lambda pair: (
            *(objective_of(objective, [pair]) for objective in question.objectives),
            pair[0].name,
        ),
    )
    return [best[0]]


def _within(pair: tuple[FailureGroup, int], question: Question) -> bool:
    group, count = pair
    limits = (
        (group.usd_per_h * count, question.budget_usd_per_h),
        (group.nameplate_w * count, question.power_w),
        (group.accelerators * count, question.max_accelerators),
        (group.nodes * count, question.max_nodes),
        (group.nodes * count, group.stock),
    )
    return all(limit is None or used <= limit for used, limit in limits)
