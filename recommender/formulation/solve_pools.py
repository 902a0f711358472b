r"""Solving several fleets: together where a row ties them, else each by itself.

apart       for each fleet: solve_single_service, by the caller; `together` adds up objectives and
            proofs
jointly     one program per objective in turn, theta chosen inside (formulation.pools)
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.pools import Pools, program
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution
from recommender.formulation.spare_search import left
from recommender.program.canonical import decimal
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status, not_minimised
from recommender.solvers.prove import DECIDED, combined

Bought = tuple[tuple[FailureGroup, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolsSolution:
    """What each fleet buys.

    Attributes
    ----------
    bought
        Name of the fleet -> (group, how many); empty without a plan. Over a day, at its peak.
    over_day
        Over a day: name of the fleet -> what runs in each block.
    objectives
        Value of each objective in turn, in canonical units; empty without a plan. Over a day, the
        mean cost alone.
    outcome
        Status and proof for all fleets together.
    programs
        The programs solved last: one of all fleets, or one of each.
    """

    bought: Mapping[str, Bought] = field(default_factory=dict)
    over_day: Mapping[str, tuple[Bought, ...]] = field(default_factory=dict)
    objectives: tuple[float, ...] = ()
    outcome: Outcome
    programs: tuple[Program, ...]


def together(fleets: Sequence[SingleService], found: Sequence[Solution]) -> PoolsSolution:
    """Solutions of independent fleets as one."""
    outcome = joined([solution.outcome for solution in found])
    programs = tuple(solution.program for solution in found)
    if not all(solution.counts for solution in found):
        return PoolsSolution(outcome=outcome, programs=programs)
    bought = {
        fleet.service: tuple((s.groups[name], n) for name, n in s.counts.items())
        for fleet, s in zip(fleets, found, strict=True)
    }
    return PoolsSolution(
        bought=bought,
        objectives=_objectives(fleets, bought),
        outcome=outcome,
        programs=programs,
    )


def solve_together(
    question: Pools, *, solver: str | None = None, time_limit_s: float = 60.0
) -> PoolsSolution:
    """One program of all fleets, objectives in turn."""
    deadline = time.perf_counter() + time_limit_s
    whole, fixed = question.whole, list[Row]()
    last: tuple[Program, Outcome] | None = None
    for number, objective in enumerate(whole.objectives):
        problem = program(question, objective=objective, extra=fixed)
        outcome = prove.solve(problem, solver=solver, time_limit_s=left(deadline))
        if last is not None and not outcome.values:
            message = not_minimised(objective, outcome)
            kept = replace(last[1], message=message)
            if whole.stated is not None and number < whole.stated:
                kept = replace(kept, status=Status.FEASIBLE, bound=None, proof=())
            last = (last[0], kept)
            break
        last = (problem, outcome)
        if outcome.status is not Status.OPTIMAL:
            break
        weights = {g.name: ATTRIBUTES[objective](g) for g in whole.columns}
        given = whole.tolerances[number : number + 1]
        optimum = outcome.objective or 0
        most = optimum + (floor(decimal(given[0]) * optimum) if given else 0)
        fixed.append(Row(f"optimal[{objective}]", weights, "<=", most))
    if last is None:
        raise ValueError("a question needs at least one objective")
    problem, outcome = last
    return _solution(question, problem, outcome)


def _solution(question: Pools, problem: Program, outcome: Outcome) -> PoolsSolution:
    if not outcome.values:
        return PoolsSolution(outcome=outcome, programs=(problem,))
    bought = {
        fleet.service: tuple(
            (g.group, outcome.values[g.name])
            for g in fleet.columns
            if outcome.values.get(g.name, 0)
        )
        for fleet in question.fleets
    }
    return PoolsSolution(
        bought=bought,
        objectives=_objectives(question.fleets, bought),
        outcome=outcome,
        programs=(problem,),
    )


def all_bought(solution: PoolsSolution, fleet: str) -> Bought:
    """Every group of a fleet, at any time of a day."""
    if not solution.over_day:
        return solution.bought[fleet]
    return tuple(pair for bought in solution.over_day[fleet] for pair in bought)


def _objectives(fleets: Sequence[SingleService], bought: Mapping[str, Bought]) -> tuple[int, ...]:
    """Value of every objective at a purchase [canonical units]."""
    counts = {group.name: n for pairs in bought.values() for group, n in pairs}
    columns = [column for fleet in fleets for column in fleet.columns]
    return tuple(
        sum(ATTRIBUTES[objective](c) * counts.get(c.name, 0) for c in columns)
        for objective in fleets[0].objectives
    )


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome for independent programs: all are optimal, or the worst of them."""
    order = (Status.FAILED, Status.INFEASIBLE, Status.NOT_REACHED, Status.FEASIBLE, Status.OPTIMAL)
    worst = min(outcomes, key=lambda outcome: order.index(outcome.status))
    closed = worst.status in DECIDED
    alone = worst.status is Status.INFEASIBLE  # one empty pool is enough
    return Outcome(
        worst.status,
        solver=" + ".join(dict.fromkeys(o.solver for o in outcomes if o.solver)),
        seconds=sum(outcome.seconds for outcome in outcomes),
        proof=() if not closed else worst.proof if alone else combined(outcomes),
        message="; ".join(dict.fromkeys(o.message for o in outcomes if o.message)),
    )
