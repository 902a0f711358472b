"""`--single`: the one kind of failure group that alone is best, without mixing.

    m = max( ceil((1+h) Q / c), ceil(Q / c) + k )        groups of capacity c; under the loss of a
                                                         rack with room for m0, ceil(Q / c) + m0

No solver is needed to compare kinds; the program is then solved over the winner alone, so that
limits, proof and export are those of every other plan.
"""

from collections.abc import Sequence
from itertools import chain, repeat
from math import ceil, floor

import numpy as np

from recommender.decision.groups_needed import groups_needed
from recommender.decision.purchase_value import purchase_value
from recommender.decision.question import Question
from recommender.formulation.failure_group import FailureGroup
from recommender.program.canonical import RATE_UNITS_PER_DEMAND, RateUnit
from recommender.program.constraints.rack_loss import enough_alone, nodes_in_rack
from recommender.program.constraints.racks import nodes_per_rack

UNLIMITED = 10**9
Pair = tuple[FailureGroup, int]
"""A kind, and how many of it."""


def best_single(groups: Sequence[FailureGroup], question: Question) -> list[FailureGroup]:
    """The best group within the limits, as a list of one; all groups where none fits."""
    usable = [group for group in groups if group.requests_per_s > 0]
    if not usable:
        return list(groups)
    counts = groups_needed(
        np.asarray([group.requests_per_s for group in usable]),
        demand=question.demand_per_s,
        headroom=question.headroom,
        losses=question.failures,
    )
    bought = [
        (group, max(int(count), with_a_rack_lost(group, question)))
        for group, count in zip(usable, counts, strict=True)
    ]
    within = [pair for pair in bought if _within(pair, question)] or bought
    return [min(_best_in_turn(within, question), key=lambda group: group.name)]


def _best_in_turn(bought: Sequence[Pair], question: Question) -> list[FailureGroup]:
    """The kinds that are best in each objective in turn, or within what it may lose."""
    left = list(bought)
    shares = chain(question.tolerances, repeat(0.0))
    for objective, share in zip(question.objectives, shares, strict=False):
        values = [purchase_value(objective, [pair]) for pair in left]
        most = min(values) * (1 + share) * (1 + 1e-12)
        left = [pair for pair, value in zip(left, values, strict=True) if value <= most]
    return [group for group, _ in left]


def with_a_rack_lost(group: FailureGroup, question: Question) -> int:
    """Least m that carries Q when as many groups as a rack holds are gone; 0 without that limit."""
    if not question.survive_rack or not group.rack_nodes:
        return 0
    rate = RateUnit(question.demand_per_s).units(group.requests_per_s)
    if not rate:  # too slow to count in the program
        return UNLIMITED
    in_rack = group.rack_nodes // nodes_in_rack(group.nodes, group.rack_nodes)
    return enough_alone(rate=rate, rack_nodes=1, capacity=in_rack, demand=RATE_UNITS_PER_DEMAND)


def _within(pair: Pair, question: Question) -> bool:
    group, count = pair
    limits = (
        (group.usd_per_h * count, question.budget_usd_per_h),
        (group.nameplate_w * count, question.power_w),
        (group.nodes * count, group.stock),
    )
    within = all(limit is None or used <= limit for used, limit in limits)
    return within and count <= most_alone(group, question)


def most_alone(group: FailureGroup, question: Question) -> int:
    """Most groups of one kind, bought alone, within the limits on counts and use [count]."""
    loss = question.mean_quality_loss_pct
    if loss is not None and group.quality_loss_pct > loss:
        return 0
    if group.quality < (question.least_mean_quality or 0.0):
        return 0
    least = question.min_utilisation
    limits = (
        (question.max_accelerators, group.accelerators),
        (question.max_nodes, group.nodes),
        (question.carbon_g_per_h, group.carbon_g_per_h or 0.0),
        (None if least is None else question.demand_per_s / least, group.requests_per_s),
        (_nodes_in_racks(group, question), group.nodes),
    )
    return min(
        (floor(limit / used * (1 + 1e-12)) for limit, used in limits if limit is not None and used),
        default=UNLIMITED,
    )


def _nodes_in_racks(group: FailureGroup, question: Question) -> int | None:
    """Nodes of this kind that all racks hold; None without a limit."""
    racks = question.racks
    if racks is None:
        return None
    return racks.count * nodes_per_rack(
        node_units=group.rack_units or 1,
        node_nameplate_w=ceil(group.nameplate_w / group.nodes),
        rack_units=racks.units,
        rack_power_w=int(racks.power_w),
    )
