r"""A few of thousands of groups: enough for some plan where there is no time to weigh all of them.

    kept     by  objective / rate :  the best two of every provider, accelerator type and model,
             and the best thirty of all
    least    objective  >=  (1 + h) D min over all groups of  objective / rate

A plan of the kept groups is one of the request. That nothing else is cheaper, or that there is no
plan, does not follow from them; how much cheaper another plan may be at most does follow from the
least value, which looks at all groups and at demand alone. Over a day it is that of each period.
"""

from collections import defaultdict
from collections.abc import Sequence

from recommender.decision.purchase_value import group_value
from recommender.decision.question import Question
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods_passes import OF_THE_PEAK
from recommender.request.profile import MINUTES_PER_DAY

OF_EACH_VALUE = 2
OF_ALL = 30


def few_groups(groups: Sequence[FailureGroup], question: Question) -> list[FailureGroup]:
    """The groups that give most for the first objective, of every kind that a limit may ask for."""
    objective = question.objectives[0]
    useful = (g for g in groups if g.requests_per_s > 0)
    ranked = sorted(useful, key=lambda g: (group_value(objective, g) / g.requests_per_s, g.name))
    kept = {group.name: group for group in ranked[:OF_ALL]}
    taken: defaultdict[tuple[str, str], int] = defaultdict(int)
    for group in ranked:
        values = (
            ("provider", group.provider),
            ("accelerator", group.accelerator),
            ("model", group.model),
        )
        if any(taken[value] < OF_EACH_VALUE for value in values):
            kept[group.name] = group
        for value in values:
            taken[value] += 1
    return list(kept.values())


def least_value(groups: Sequence[FailureGroup], question: Question) -> float:
    """What every plan of the groups comes to at least, in the first objective; 0 without groups."""
    objective = question.objectives[0]
    each = (group_value(objective, g) / g.requests_per_s for g in groups if g.requests_per_s > 0)
    demand_per_s = question.demand_per_s
    if question.day is not None and objective not in OF_THE_PEAK:
        blocks = question.day.blocks
        demand_per_s = sum(b.demand_per_s * b.minutes for b in blocks) / MINUTES_PER_DAY
    return min(each, default=0.0) * demand_per_s * (1 + question.headroom)
