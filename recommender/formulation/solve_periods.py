r"""Solving a day: each period on its own where nothing reaches over several, else one program.

alone      the optimum of a sum over independent periods is the sum of their optima
together   one program per objective (periods_search); later objectives choose within the value
           of the earlier ones
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import floor

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import Block, OverDay, weights_in, weights_of
from recommender.formulation.periods_committed import Search, is_searchable
from recommender.formulation.periods_incumbent import incumbent
from recommender.formulation.periods_passes import passes
from recommender.formulation.periods_program import program_over_day
from recommender.formulation.periods_search import Found, Run, fleet_in
from recommender.formulation.periods_start_up import start_prices
from recommender.formulation.single_service import Objective
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.solve_single_service import (
    Solution,
    not_begun,
    solve_single_service,
)
from recommender.formulation.spare_search import AT_ONCE, LEAST_S, left
from recommender.program.canonical import budget_units, decimal
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status, not_minimised

TIE_BREAK_S = 5.0
"""Most time for an objective that only breaks ties; what it found by then is taken."""


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
    if time_limit_s <= LEAST_S and len(question.service.groups) > AT_ONCE:
        return DaySolution(
            fleets=tuple({} for _ in question.blocks), solution=not_begun(question.service)
        )
    if question.decomposes:
        return _alone(question, solver, time_limit_s)
    if is_searchable(question):
        return _searched(question, solver, time_limit_s)
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
    outcome = _within_budget(question, outcome, _mean_cost_units(question, fleets))
    solves = sum(solution.solves for solution in solved.values())
    return _solution(question, fleets, outcome, list(solved.values())[-1].program, solves)


def _within_budget(question: OverDay, outcome: Outcome, cost: int) -> Outcome:
    """The outcome of least cost, or that this is above the budget."""
    budget = question.service.budget_usd_per_h
    if budget is None or not outcome.values:
        return outcome
    if cost <= budget_units(usd_per_h=budget) * question.day:
        return outcome
    proven = outcome.status is Status.OPTIMAL
    status = Status.INFEASIBLE if proven else Status.NOT_REACHED
    return replace(outcome, status=status, values={}, objective=None, bound=None)


def _searched(question: OverDay, solver: str | None, time_limit_s: float) -> DaySolution:
    """Committed counts by branch and bound, the rest of each period on its own."""
    search = Search(question, solver, time.perf_counter() + time_limit_s)
    per_block, outcome = search.run()
    gap = _gap(outcome)
    outcome = _within_budget(question, outcome, outcome.objective or 0)
    committed = {name: n for fleet in per_block.values() for name, n in fleet.items()}
    always = {g.name: committed[g.name] for g in question.committed if g.name in committed}
    fleets = tuple(per_block.get(block, always) for block in question.blocks)
    names = frozenset(block.name for block in question.busy)
    program = program_over_day(question, objective="cost", spare=names)
    found = _solution(question, fleets, outcome, program, len(search.solved))
    return replace(found, solution=replace(found.solution, gap=gap))


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
    run = Run(question, solver, deadline)
    fixed: list[Row] = []
    best: Found | None = None
    gap = None
    for objective, at_peak, tolerance in passes(question):
        tie_break = objective not in question.service.objectives[: question.stated]
        if best is not None and tie_break:
            run.deadline = min(deadline, time.perf_counter() + TIE_BREAK_S)
        first = best is None and objective == "cost"
        share = 2 if question.start_up_min or question.service.max_types is not None else 4
        known = (
            incumbent(question, solver=solver, time_limit_s=time_limit_s / share) if first else None
        )
        found = run.minimise(objective, at_peak=at_peak, fixed=fixed, known=known)
        outcome = found.outcome
        if best is not None and not outcome.values:  # a later objective ran out of time
            message = not_minimised(objective, outcome)
            kept = replace(best.outcome, message=message)
            if not tie_break:
                kept = replace(kept, status=Status.FEASIBLE, bound=None, proof=())
            best = replace(best, outcome=kept)
            break
        gap = _gap(outcome) if best is None else gap
        if best is not None and tie_break and outcome.status is not Status.OPTIMAL:
            best = replace(best, outcome=replace(best.outcome, values=outcome.values))
            break
        best = found
        if outcome.status is not Status.OPTIMAL:
            break
        if known is not None and known.ties_broken and not run.solves:
            break
        fixed += _kept(question, objective, at_peak, tolerance, outcome.objective or 0)
    assert best is not None
    values = best.outcome.values
    fleets = tuple(fleet_in(question, block, values) for block in question.blocks)
    solution = _solution(question, fleets, best.outcome, best.program, run.solves)
    return replace(solution, solution=replace(solution.solution, gap=gap))


def _gap(outcome: Outcome) -> float | None:
    """Share by which the first objective may be better; None where no bound is known."""
    if not outcome.objective or outcome.bound is None:
        return None
    return (outcome.objective - outcome.bound) / outcome.objective


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
