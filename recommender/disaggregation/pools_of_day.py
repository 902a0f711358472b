r"""Pools over a day of periods: each pool has its own fleet per period, on the split of the day.

    mean cost of pools = sum over pools of ( mean over the day of its fleet, start-ups included )
                      <= budget

The least mean cost is what is looked for, so a budget is a look at it. Rates of replicas depend on
the split, not on the period; periods differ in demand. Where no other limit is shared by the pools
the program of the day falls apart into one per pool, each that of a service over the day
(formulation.periods); otherwise it is one of both (formulation.pools_over_day). Nodes that are paid
around the clock, and nodes that are started before a period, stay in their pool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from recommender.decision.day import Day, Fleet
from recommender.decision.purchase_value import purchase_value
from recommender.decision.question import Question
from recommender.decision.solved import Solved
from recommender.explanation.counted import counted
from recommender.formulation.periods import OverDay
from recommender.formulation.pools_over_day import PoolsOverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_pools import Bought, PoolsSolution, joined
from recommender.formulation.solve_pools_over_day import solve_pools_over_day
from recommender.program.canonical import PRICE_UNITS_PER_USD
from recommender.program.program import Program
from recommender.solvers.outcome import Outcome, Status

DIGITS = 4
"""Of mean costs that are compared [canonical units]."""


def together_over_day(
    day: Day, found: Mapping[str, Solved], *, budget_usd_per_h: float | None
) -> PoolsSolution:
    """Solutions of independent pools as one; none where their least mean cost is over budget."""
    outcome = joined([solution.outcome for solution, _ in found.values()])
    programs = tuple(solution.program for solution, _ in found.values())
    over_day = {name: fleets for name, (_, fleets) in found.items()}
    return _of_day(day, over_day, outcome, programs, budget_usd_per_h=budget_usd_per_h)


def tied_over_day(
    day: Day,
    pools: Sequence[SingleService],
    *,
    budget_usd_per_h: float | None,
    solver: str | None,
    time_limit_s: float,
) -> PoolsSolution:
    """Pools that limits tie together, in one program; none where it is over budget."""
    fleets = tuple(OverDay(p, day.blocks, day.start_up_min, stated=1) for p in pools)
    found = solve_pools_over_day(PoolsOverDay(fleets), solver=solver, time_limit_s=time_limit_s)
    return _of_day(
        day, found.over_day, found.outcome, (found.program,), budget_usd_per_h=budget_usd_per_h
    )


def _of_day(
    day: Day,
    over_day: Mapping[str, tuple[Bought, ...]],
    outcome: Outcome,
    programs: tuple[Program, ...],
    *,
    budget_usd_per_h: float | None,
) -> PoolsSolution:
    if not over_day or not all(fleets[day.peak] for fleets in over_day.values()):
        return PoolsSolution(outcome=outcome, programs=programs)
    if budget_usd_per_h is not None and counted_usd_per_h(day, over_day) > budget_usd_per_h:
        proven = outcome.status is Status.OPTIMAL
        none = Status.INFEASIBLE if proven else Status.NOT_REACHED
        return PoolsSolution(outcome=replace(outcome, status=none), programs=programs)
    return PoolsSolution(
        bought={name: fleets[day.peak] for name, fleets in over_day.items()},
        over_day=over_day,
        objectives=(price_units(mean_cost_usd_per_h(day, over_day)),),
        outcome=outcome,
        programs=programs,
    )


def price_units(usd_per_h: float) -> float:
    """A mean cost, so that equal ones compare as equal [canonical units]."""
    return round(usd_per_h * PRICE_UNITS_PER_USD, DIGITS)


def mean_cost_usd_per_h(day: Day, over_day: Mapping[str, Sequence[Fleet]]) -> float:
    """Of all pools [$/h]."""
    return sum(day.mean_cost_usd_per_h(fleets) for fleets in over_day.values())


def counted_usd_per_h(day: Day, over_day: Mapping[str, Sequence[Fleet]]) -> float:
    """Mean cost as rows count it, every price rounded up [$/h]."""
    counts = {
        name: [tuple((counted(group), n) for group, n in fleet) for fleet in fleets]
        for name, fleets in over_day.items()
    }
    return mean_cost_usd_per_h(day, counts)


def cost_usd_per_h(solution: PoolsSolution, question: Question) -> float:
    """What pools cost; over a day the mean, start-ups included."""
    if question.day is not None and solution.over_day:
        return mean_cost_usd_per_h(question.day, solution.over_day)
    return sum(group.usd_per_h * n for pairs in solution.bought.values() for group, n in pairs)


def objective_value(solution: PoolsSolution, question: Question) -> float:
    """The first objective, in its unit."""
    if question.objectives[0] == "cost":
        return cost_usd_per_h(solution, question)
    bought = [pair for pairs in solution.bought.values() for pair in pairs]
    return purchase_value(question.objectives[0], bought)


def at_block(solution: PoolsSolution, position: int) -> PoolsSolution:
    """What runs in one block of the day, as if it were all."""
    bought = {name: fleets[position] for name, fleets in solution.over_day.items()}
    return replace(solution, bought=bought, over_day={})


def mean_demand_per_s(question: Question) -> float:
    """Demand over the day, for bounds on a mean cost [requests/s]."""
    if question.day is None:
        return question.demand_per_s
    blocks = question.day.blocks
    return sum(b.minutes * b.demand_per_s for b in blocks) / sum(b.minutes for b in blocks)
