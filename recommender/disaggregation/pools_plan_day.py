"""A plan with pools over the day: each period assembled at its rate, both pools in it.

Deployments, nodes and the split of the plan are those of its busiest period; a period has its own
split, for what the parts take depends on the rate. Without demand committed nodes of both pools
idle. Totals over the day are those of `assembly.day`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from recommender.assembly.day import OfBlock, of_block, periods_of, request_at
from recommender.decision.day import Day
from recommender.decision.study import Study
from recommender.disaggregation.pools_of_day import at_block
from recommender.disaggregation.pools_plan import PoolsParts, nodes_of_both
from recommender.disaggregation.search import Candidate
from recommender.formulation.solve_pools import PoolsSolution
from recommender.plan import PeriodPlan

Assemble = Callable[[Study, PoolsSolution], PoolsParts]
"""A study at one rate and what runs then -> the plan of that rate."""


@dataclass(frozen=True, slots=True)
class DayOfPools:
    """The busiest period with the totals of the day, and all periods."""

    peak: PoolsParts
    periods: tuple[PeriodPlan, ...] = ()


def assemble_over_day(
    study: Study, candidate: Candidate, solution: PoolsSolution, assemble: Assemble
) -> DayOfPools:
    """One plan per block of the day; that of a single rate without one."""
    day = study.question.day
    if day is None or not solution.over_day:
        return DayOfPools(assemble(study, solution))
    found = [_parts(study, solution, day, position, assemble) for position in range(_count(day))]
    fleets = [
        tuple(pair for pairs in at_block(solution, position).bought.values() for pair in pairs)
        for position in range(_count(day))
    ]
    blocks = [
        _idle(study, candidate, at_block(solution, position))
        if parts is None
        else of_block(study.request, study.table, fleets[position], parts.parts)
        for position, parts in enumerate(found)
    ]
    periods, totals = periods_of(study.request, day, fleets, blocks)
    peak = found[day.peak]
    assert peak is not None  # there is demand
    splits = [None if parts is None else parts.split for parts in found]
    return DayOfPools(
        replace(peak, parts=replace(peak.parts, totals=totals)),
        tuple(
            replace(period, pools=splits[day.block_of[number]])
            for number, period in enumerate(periods)
        ),
    )


def _count(day: Day) -> int:
    return len(day.blocks)


def _parts(
    study: Study, solution: PoolsSolution, day: Day, position: int, assemble: Assemble
) -> PoolsParts | None:
    demand = day.requests_per_s[position]
    if demand <= 0:
        return None
    at = replace(study, request=request_at(study.request, demand))
    return assemble(at, at_block(solution, position))


def _idle(study: Study, candidate: Candidate, solution: PoolsSolution) -> OfBlock:
    """What both pools keep without demand."""
    each = [
        of_block(study.request, candidate.sides[name].table, fleet, None)
        for name, fleet in solution.bought.items()
    ]
    return OfBlock(
        None,
        nodes_of_both([block.nodes for block in each]),
        sum(block.usd_per_h for block in each),
        sum(block.power_w for block in each),
    )
