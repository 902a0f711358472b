r"""Pools over a day whose limits tie them: the fleets of all pools and periods in one program.

    min   (1/W) sum_f sum_t w[t] sum_{p in f} price[p] n[p,t]  +  start-ups
    s.t.  for every period t:   the rows of all pools together at its rate  (formulation.pools)
          n[p,t] = n[p]         p committed, in its pool                    (formulation.periods)
          start[p,t]            per pool; while t is prepared, stock, power, accelerators and nodes
                                hold for what runs and what starts in all pools
          variety               types of the whole day, in any pool

Symbols are those of `periods` and `pools`; every pool f is a service over the same periods. Where
nothing reaches over several periods (`decomposes`), the best day is the best pools of each period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from recommender.formulation import pools
from recommender.formulation.joined_periods import joined
from recommender.formulation.periods import Block, OverDay, column_of, weights_of
from recommender.formulation.periods_program import as_wide_as_the_peak, types_of_day
from recommender.formulation.periods_start_up import hand_overs, start_columns, starts
from recommender.formulation.pools import Pools
from recommender.formulation.single_service import Objective
from recommender.program.column import Column
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.program import Program
from recommender.program.row import Row


@dataclass(frozen=True)
class PoolsOverDay:
    """The question: one service over the day per pool, over the same periods and limits."""

    fleets: tuple[OverDay, ...]

    @property
    def first(self) -> OverDay:
        """Any of them, for what they share."""
        return self.fleets[0]

    @cached_property
    def _pools(self) -> dict[Block, Pools]:
        return {
            block: Pools(fleets=tuple(fleet.at(block) for fleet in self.fleets))
            for block in self.first.busy
        }

    def at(self, block: Block) -> Pools:
        """All pools in one period, without limits over the whole day."""
        return self._pools[block]

    @property
    def decomposes(self) -> bool:
        """Whether each period can be decided on its own, all pools together."""
        return all(fleet.decomposes for fleet in self.fleets)


def program_over_day(
    question: PoolsOverDay,
    *,
    objective: Objective,
    at_peak: bool = False,
    extra: Sequence[Row] = (),
) -> Program:
    """The program for one objective; `at_peak` and `extra` as for a single service."""
    weights = weights_over_day(question, objective, at_peak=at_peak)
    parts = (
        (block, pools.program(question.at(block), objective=objective))
        for block in question.first.busy
    )
    named = ((block, part, _names(question, block, part)) for block, part in parts)
    columns, rows = joined(named, weights=weights)
    for fleet in question.fleets:
        if fleet.start_up_min:
            columns = as_wide_as_the_peak(fleet, columns)
    priced = objective == "cost" and not at_peak
    more = [
        column
        for fleet in question.fleets
        for column in start_columns(fleet, _upper(columns), priced=priced)
    ]
    over = [row for fleet in question.fleets for row in starts(fleet)]
    over += hand_overs(*question.fleets)
    limit = question.first.service.max_types
    if limit is not None:
        types = {name: t for fleet in question.fleets for name, t in types_of_day(fleet).items()}
        more += variety_columns(types)
        over += variety(types=types, upper=_upper(columns), limit=limit)
    return Program((*columns.values(), *more), (*rows, *over, *extra))


def weights_over_day(
    question: PoolsOverDay, objective: Objective, *, at_peak: bool
) -> dict[str, int]:
    """Coefficient of every group's column, of all pools (see `periods.weights_of`)."""
    weights: dict[str, int] = {}
    for fleet in question.fleets:
        weights |= weights_of(fleet, objective, at_peak=at_peak)
    return weights


def _upper(columns: Mapping[str, Column]) -> dict[str, int]:
    return {name: column.upper for name, column in columns.items()}


def _names(question: PoolsOverDay, block: Block, part: Program) -> dict[str, str]:
    own = {
        g.name: column_of(g, block) for fleet in question.fleets for g in fleet.at(block).columns
    }
    return {c.name: own.get(c.name, f"{c.name} in {block.name}") for c in part.columns}
