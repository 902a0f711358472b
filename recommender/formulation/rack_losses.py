"""Rows and columns of the loss of a rack, pool by pool of racks (rows: constraints/rack_loss.py).

Offers of one instance type in one place share racks, whatever their terms: they are one pool.
"""

from collections.abc import Iterator, Sequence

from recommender.errors import MissingData
from recommender.formulation.single_service import SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.column import Column
from recommender.program.constraints.rack_loss import (
    enough_alone,
    nodes_in_rack,
    rack_loss,
    rack_loss_columns,
)
from recommender.program.row import Row


def rack_losses(question: SingleService) -> Iterator[Row]:
    """The rows of every pool; none where no rack may be lost."""
    rate = {g.name: g.rate for g in question.columns}
    for pool, groups in _by_pool(question):
        yield from rack_loss(
            question.service,
            pool,
            rate=rate,
            rack_nodes=_in_rack(groups),
            capacity=_room(groups),
            demand=RATE_UNITS_PER_DEMAND,
        )


def rack_switches(question: SingleService) -> Iterator[Column]:
    """The switches that those rows need."""
    for pool, groups in _by_pool(question):
        rate = {g.name: g.rate for g in groups}
        yield from rack_loss_columns(
            pool,
            rate=rate,
            rack_nodes=_in_rack(groups),
            capacity=_room(groups),
        )


def enough_for_racks(question: SingleService) -> dict[str, int]:
    """Column -> groups of it that meet its pool's row alone; none where no rack may be lost."""
    return {
        group.name: enough_alone(
            rate=group.rate,
            rack_nodes=in_rack[group.name],
            capacity=_room(groups),
            demand=RATE_UNITS_PER_DEMAND,
        )
        for _, groups in _by_pool(question)
        for in_rack in [_in_rack(groups)]
        for group in groups
    }


def nodes_per_rack_of(group: SizedGroup) -> int:
    """R of the group's racks [count]; raises MissingData where it is unknown."""
    if not group.group.rack_nodes:
        raise MissingData(f"nodes per rack of {group.group.offer} is unknown, and a limit needs it")
    return group.group.rack_nodes


def _by_pool(question: SingleService) -> list[tuple[str, list[SizedGroup]]]:
    if not question.survive_rack:
        return []
    pools: dict[str, list[SizedGroup]] = {}
    for group in question.columns:
        pools.setdefault(group.group.racks_of, []).append(group)
    return sorted(pools.items())


def _in_rack(groups: Sequence[SizedGroup]) -> dict[str, int]:
    room = _room(groups)
    return {g.name: nodes_in_rack(g.group.nodes, room) for g in groups}


def _room(groups: Sequence[SizedGroup]) -> int:
    """R of a pool: its groups stand in the same racks [count]."""
    return max(nodes_per_rack_of(g) for g in groups)
