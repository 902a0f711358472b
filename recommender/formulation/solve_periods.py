r"""Solving a day: each period on its own where nothing reaches over several, else one program.

    alone      the optimum of a sum over independent periods is the sum of their optima
    together   1. without spare rows;  2. with those of the periods whose fleet does not survive;
               again, until every fleet survives

Every program of `together` is a relaxation of the whole one, so an optimum of one that meets all
spare rows is the optimum. Later objectives choose within the value of the earlier ones.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import floor

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.limits import rates
from recommender.formulation.periods import Block, OverDay, column_of, weights_in, weights_of
from recommender.formulation.periods_program import program_over_day
from recommender.formulation.periods_start_up import start_prices
from recommender.formulation.single_service import Objective
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.formulation.spare_search import left
from recommender.program.canonical import RATE_UNITS_PER_DEMAND, budget_units, decimal
from recommender.program.constraints.spare import rate_after_worst_losses
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status

OF_THE_PEAK: tuple[Objective, ...] = ("power", "accelerators", "nodes")
"""Objectives that count at the busiest moment; the others are means over the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySolution:
    """What runs in each period (in the order of the question's blocks), and how sure that is.

    Attributes
    ----------
    fleets
        Group name -> number of groups, per period; all empty without a plan.
    solution
        Counts of the busiest period; status, proof and program of the whole day.
    """

    fleets: tuple[Mapping[str, int], ...]
    groups: Mapping[str, FailureGroup] = field(default_factory=dict)
    solution: Solution


def solve_over_day(
    question: OverDay, *, solver: str | None = None, time_limit_s: float = 60.0
) -> DaySolution:
    """The best fleets; see solve_single_service for `solver`."""
    if question.decomposes:
        return _alone(question, solver, time_limit_s)
    return _together(question, solver, time_limit_s)


def _alone(question: OverDay, solver: str | None, time_limit_s: float) -> DaySolution:
    """One solve per period, the busiest last; a budget is then a look at the least mean cost."""
    deadline = time.perf_counter() + time_limit_s
    solved: dict[Block, Solution] = {}
    for block in sorted(question.busy, key=lambda block: block.demand_per_s):
        service = question.at(block)
        solved[block] = solve_single_service(service, solver=solver, time_limit_s=left(deadline))
        if not solved[block].counts:
            break
    parts = [solution.outcome for solution in solved.values()]
    fleets = tuple(solved[b].counts if b in solved else {} for b in question.blocks)
    outcome = _sum(parts) if all(solution.counts for solution in solved.values()) else parts[-1]
    budget = question.service.budget_usd_per_h
    if budget is not None and outcome.values:
        cost = _mean_cost_units(question, fleets)
        if cost > budget_units(usd_per_h=budget) * question.day:
            outcome = replace(outcome, status=Status.INFEASIBLE, values={})
            if any(part.status is not Status.OPTIMAL for part in parts):
                outcome = replace(outcome, status=Status.NOT_REACHED, proof=())
    solves = sum(solution.solves for solution in solved.values())
    return _solution(question, fleets, outcome, list(solved.values())[-1].program, solves)


def _sum(parts: list[Outcome]) -> Outcome:
    """The outcome of independent periods together."""
    optimal = all(part.status is Status.OPTIMAL for part in parts)
    return replace(
        parts[-1],
        status=Status.OPTIMAL if optimal else Status.FEASIBLE,
        objective=None,  # of the whole day; parts are in the units of one period
        bound=None,
        seconds=sum(part.seconds for part in parts),
        proof=prove.combined(parts) if optimal else (),
        message="; ".join(dict.fromkeys(part.message for part in parts if part.message)),
    )


def _mean_cost_units(question: OverDay, fleets: tuple[Mapping[str, int], ...]) -> int:
    total = 0
    for block, fleet in zip(question.blocks, fleets, strict=True):
        if block in question.busy:
            price = {g.name: g.price for g in question.at(block).columns}
            total += question.weight(block) * sum(price[p] * n for p, n in fleet.items())
    return total


def _together(question: OverDay, solver: str | None, time_limit_s: float) -> DaySolution:
    deadline = time.perf_counter() + time_limit_s
    fixed: list[Row] = []
    spare: frozenset[str] = frozenset()
    best: tuple[Program, Outcome] | None = None
    solves = 0
    for objective, at_peak, tolerance in _passes(question):
        while True:
            program = program_over_day(
                question, objective=objective, at_peak=at_peak, spare=spare, extra=fixed
            )
            outcome = prove.solve(program, solver=solver, time_limit_s=left(deadline))
            solves += 1
            failing = _failing(question, outcome.values) if outcome.values else frozenset()
            if not failing:
                break
            spare |= failing
        if best is not None and not outcome.values:  # a later objective ran out of time
            message = f"{objective} not minimised: {outcome.status.value} {outcome.message}".strip()
            best = (best[0], replace(best[1], message=message))
            break
        best = (program, outcome)
        if outcome.status is not Status.OPTIMAL:
            break
        fixed += _kept(question, objective, at_peak, tolerance, outcome.objective or 0)
    assert best is not None
    fleets = tuple(_fleet(question, block, best[1].values) for block in question.blocks)
    return _solution(question, fleets, best[1], best[0], solves)


def _passes(question: OverDay) -> Iterator[tuple[Objective, bool, float]]:
    """(objective, whether at the peak, what it may lose for the ones after it [1])."""
    service = question.service
    objectives = service.objectives
    if "cost" not in objectives:  # nothing else says what runs at night
        objectives = (*objectives, "cost")
    for number, objective in enumerate(objectives):
        tolerance = dict(enumerate(service.tolerances)).get(number, 0.0)
        if objective in OF_THE_PEAK:
            yield objective, True, tolerance
            if tolerance == 0:
                yield objective, False, 0.0
        else:
            yield objective, False, tolerance


def _kept(
    question: OverDay, objective: Objective, at_peak: bool, tolerance: float, optimum: int
) -> Iterator[Row]:
    """Rows that hold an objective for the later ones: of the peak in every period."""
    most = optimum + floor(decimal(tolerance) * optimum)
    if at_peak:
        for block in question.busy:
            weights = weights_in(question, objective, block)
            yield Row(f"optimal[{objective}] in {block.name}", weights, "<=", most)
        return
    weights = weights_of(question, objective, at_peak=False)
    if objective == "cost":
        weights |= start_prices(question)
    yield Row(f"optimal[{objective}]", weights, "<=", most)


def _failing(question: OverDay, values: Mapping[str, int]) -> frozenset[str]:
    """Periods whose fleet does not survive its worst losses."""
    return frozenset(
        block.name
        for block in question.busy
        if rate_after_worst_losses(
            rate=rates(question.at(block).columns),
            counts=_fleet(question, block, values),
            failures=question.service.failures,
        )
        < RATE_UNITS_PER_DEMAND
    )


def _fleet(question: OverDay, block: Block, values: Mapping[str, int]) -> dict[str, int]:
    """Group name -> number in a period; committed groups stay where there is no demand."""
    if block not in question.busy:
        committed = {g.name for g in question.kept if g.committed}
        return {name: n for name, n in values.items() if name in committed}
    named = {column_of(g, block): g.name for g in question.at(block).columns}
    return {name: values[column] for column, name in named.items() if values.get(column)}


def _solution(
    question: OverDay,
    fleets: tuple[Mapping[str, int], ...],
    outcome: Outcome,
    program: Program,
    solves: int,
) -> DaySolution:
    planned = outcome.status in (Status.OPTIMAL, Status.FEASIBLE) and bool(outcome.values)
    peak = fleets[question.blocks.index(question.peak)] if planned else {}
    used = {name for fleet in fleets for name in fleet} if planned else set()
    groups = {g.name: g for g in question.kept if g.name in used}
    columns = question.at(question.peak).columns
    solution = Solution(
        counts=peak,
        groups={name: groups[name] for name in peak},
        outcome=outcome,
        theta_per_s=None,
        program=program,
        rounding_loss=rounding_loss(
            [g for g in columns if g.name in used] or columns, question.at(question.peak).unit
        ),
        solves=solves,
    )
    kept = fleets if planned else tuple({} for _ in fleets)
    return DaySolution(fleets=kept, groups=groups, solution=solution)
