r"""Solving pools over a day whose limits tie them.

apart       nothing reaches over several periods: the best pools of each, limits and all
together    one program of all pools and periods, cost first; what breaks ties gets little time
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from recommender.formulation.periods import Block
from recommender.formulation.periods_passes import passes
from recommender.formulation.periods_search import fleet_in
from recommender.formulation.periods_start_up import start_prices
from recommender.formulation.pools_over_day import (
    PoolsOverDay,
    program_over_day,
    weights_over_day,
)
from recommender.formulation.single_service import Objective
from recommender.formulation.solve_periods import TIE_BREAK_S
from recommender.formulation.solve_pools import Bought, PoolsSolution, joined, solve_together
from recommender.formulation.spare_search import left
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfPools:
    """What each pool runs in each block of the day; empty without a plan."""

    over_day: Mapping[str, tuple[Bought, ...]] = field(default_factory=dict)
    outcome: Outcome
    program: Program
    solves: int


def solve_pools_over_day(
    question: PoolsOverDay, *, solver: str | None = None, time_limit_s: float = 60.0
) -> DayOfPools:
    """The fleets of least mean cost; see solve_single_service for `solver`."""
    deadline = time.perf_counter() + time_limit_s
    if question.decomposes:
        return _apart(question, solver, deadline)
    return _together(question, solver, deadline)


def _apart(question: PoolsOverDay, solver: str | None, deadline: float) -> DayOfPools:
    found: dict[Block, PoolsSolution] = {}
    for block in sorted(question.first.busy, key=lambda block: block.demand_per_s):
        seconds = left(deadline)
        found[block] = solve_together(question.at(block), solver=solver, time_limit_s=seconds)
        if not found[block].bought:
            break
    outcome = joined([solution.outcome for solution in found.values()])
    program = program_over_day(question, objective="cost")
    if not all(solution.bought for solution in found.values()):
        return DayOfPools(outcome=outcome, program=program, solves=len(found))
    nothing: Bought = ()
    over_day = {
        fleet.service.service: tuple(
            found[block].bought[fleet.service.service] if block in found else nothing
            for block in question.first.blocks
        )
        for fleet in question.fleets
    }
    return DayOfPools(over_day=over_day, outcome=outcome, program=program, solves=len(found))


def _together(question: PoolsOverDay, solver: str | None, deadline: float) -> DayOfPools:
    fixed: list[Row] = []
    best: tuple[Program, Outcome] | None = None
    solves = 0
    for objective, at_peak, _ in passes(question.first):
        if best is not None:
            deadline = min(deadline, time.perf_counter() + TIE_BREAK_S)
        program = program_over_day(question, objective=objective, at_peak=at_peak, extra=fixed)
        outcome = prove.solve(program, solver=solver, time_limit_s=left(deadline))
        solves += 1
        if best is None:
            best = program, outcome
        elif outcome.values:
            best = best[0], replace(best[1], values=outcome.values)
        if outcome.status is not Status.OPTIMAL:
            break
        fixed.append(_kept(question, objective, at_peak, outcome.objective or 0))
    assert best is not None  # there is an objective
    program, outcome = best
    over_day = _bought(question, outcome.values) if outcome.values else {}
    return DayOfPools(over_day=over_day, outcome=outcome, program=program, solves=solves)


def _kept(question: PoolsOverDay, objective: Objective, at_peak: bool, most: int) -> Row:
    """The row that holds an objective for the ones after it."""
    weights = weights_over_day(question, objective, at_peak=at_peak)
    if objective == "cost":
        for fleet in question.fleets:
            weights |= start_prices(fleet)
    peak = " at the peak" if at_peak else ""
    return Row(f"optimal[{objective}]{peak}", weights, "<=", most)


def _bought(question: PoolsOverDay, values: Mapping[str, int]) -> dict[str, tuple[Bought, ...]]:
    over_day: dict[str, tuple[Bought, ...]] = {}
    for fleet in question.fleets:
        groups = {group.name: group for group in fleet.kept}
        over_day[fleet.service.service] = tuple(
            tuple((groups[name], n) for name, n in fleet_in(fleet, block, values).items() if n)
            for block in fleet.blocks
        )
    return over_day
