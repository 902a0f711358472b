"""The worst rack of a purchase: the groups of one pool that it hurts most to lose together.

    max sum_{g in L} rate[g]    over sets L of groups of the pool with  sum_{g in L} w[g] <= R

Symbol   Meaning                                                                   Unit
w[g]     fewest nodes of a group in a rack it stands in (program's `rack_loss`)    count
R        nodes that one rack of the pool holds                                     count

A knapsack over nodes, filled group by group: best[v] is the largest rate that v nodes can hold.
"""

from collections.abc import Sequence

from recommender.formulation.failure_group import FailureGroup
from recommender.program.constraints.rack_loss import nodes_in_rack


def worst_rack(groups: Sequence[FailureGroup]) -> list[FailureGroup]:
    """The groups that are lost; `groups` are those of one pool, one entry each."""
    room = max((g.rack_nodes or 0 for g in groups), default=0)
    if not room:
        return []
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * (room + 1)
    for index, group in enumerate(groups):
        width = nodes_in_rack(group.nodes, room)
        for used in range(room, width - 1, -1):
            rate, lost = best[used - width]
            if rate + group.requests_per_s > best[used][0]:
                best[used] = (rate + group.requests_per_s, (*lost, index))
    return [groups[index] for index in best[room][1]]


def lost_racks(
    purchase: Sequence[tuple[FailureGroup, int]],
) -> dict[str, list[FailureGroup]]:
    """Pool of racks -> the groups of its worst rack."""
    pools: dict[str, list[FailureGroup]] = {}
    for group, count in purchase:
        held = pools.setdefault(group.racks_of, [])
        held.extend([group] * min(count, group.rack_nodes or 0))  # more of a kind fill no rack
    return {pool: worst_rack(groups) for pool, groups in sorted(pools.items())}
