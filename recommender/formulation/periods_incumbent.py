r"""A plan of the day and a bound on it, period by period, before the whole program is solved.

    bound       sum over t of w[t] * optimum of t alone, as if everything were paid by the hour
    starts      where they are all that couples periods: plan and bound of `periods_started`
    plan        committed groups: the most that any period takes;  elastic ones as they are;
                with a limit on types, of the types that the busiest period takes under it
    elastic     with starts: the best plan without committed groups, by `periods_started`

The bound leaves out what couples periods (commitments, starts, types, budget, carbon), so no plan
costs less. A plan is checked row by row in the program; where it breaks one there is none, and of
two the cheaper counts.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from recommender.formulation import periods_started, periods_types
from recommender.formulation.classes import class_of
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import Block, OverDay, column_of
from recommender.formulation.periods_start_up import started_of
from recommender.formulation.periods_started import is_searchable
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.formulation.spare_search import left
from recommender.program.constraints.variety import type_column
from recommender.program.program import Program
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.prove import is_proven

PROVEN_ROUND = Outcome(Status.OPTIMAL, solver="fleet_search", proof=("exact:fleet_search",))
Fleets = Mapping[Block, Mapping[str, int]]


@dataclass(frozen=True)
class Incumbent:
    """What is known without the whole program.

    Attributes
    ----------
    fleets
        Group name -> number, per period with demand; None where a period has no plan at all.
    elastic
        The same of a plan without committed groups, where starts are all that couples it then.
    bound
        No plan has a smaller mean cost; in the unit of the program over the day.
    parts
        Outcomes that the bound rests on.
    least
        Proven least cost of a period, as if everything were paid by the hour [price units].
    ties_broken
        Whether the plan is the best for the later objectives too, among those of its cost.
    """

    fleets: Fleets | None
    bound: int
    parts: tuple[Outcome, ...]
    least: Mapping[Block, int] = field(default_factory=dict)
    ties_broken: bool = False
    elastic: Fleets | None = None


def incumbent(question: OverDay, *, solver: str | None, time_limit_s: float) -> Incumbent:
    """Solve every period alone, twice where types are limited.

    Periods that time did not suffice for count for nothing in the bound.
    """
    deadline = time.perf_counter() + time_limit_s
    alone = _alone(question, question.service, solver, deadline)
    parts = tuple(solution.outcome for solution in alone.values())
    bound = _bound(question, alone)
    least = {b: s.outcome.objective or 0 for b, s in alone.items() if is_proven(s.outcome)}
    if is_searchable(question) and len(least) == len(question.busy):
        found = periods_started.Search(question, least, deadline).run()
        if found is not None:
            parts = (*parts, PROVEN_ROUND)
            return Incumbent(found.fleets, found.bound, parts, least, found.ties_broken)
    if periods_types.is_searchable(question):
        typed = periods_types.Search(question, solver, deadline).run()
        parts = (*parts, *typed.parts, *([PROVEN_ROUND] if question.start_up_min else []))
        bound = max(bound, typed.bound or 0)
        if typed.fleets is not None:
            return Incumbent(typed.fleets, bound, parts, least, True)
        deadline = time.perf_counter() + time_limit_s / 4  # for the plan of a guess at the types
    if question.service.max_types is not None:
        of_types = _few_types(question, solver, deadline)
        alone = {} if of_types is None else _alone(question, of_types, solver, deadline)
    if len(alone) < len(question.busy) or not all(s.counts for s in alone.values()):
        return Incumbent(None, bound, parts, least)
    fleets = {block: s.counts for block, s in alone.items()}
    elastic = _elastic(question, solver, deadline)
    return Incumbent(fleets, bound, parts, least, elastic=elastic)


def _elastic(question: OverDay, solver: str | None, deadline: float) -> Fleets | None:
    """A plan that commits to nothing; the bound of its search says nothing of other plans."""
    hourly = tuple(g for g in question.service.groups if not g.committed)
    by_hour = replace(question, service=replace(question.service, groups=hourly))
    if len(hourly) == len(question.service.groups) or not is_searchable(by_hour):
        return None
    alone = _alone(by_hour, by_hour.service, solver, deadline)
    least = {b: s.outcome.objective or 0 for b, s in alone.items() if is_proven(s.outcome)}
    if len(least) < len(by_hour.busy):
        return None
    found = periods_started.Search(by_hour, least, deadline).run()
    return None if found is None else found.fleets


def point(question: OverDay, program: Program, fleets: Fleets) -> dict[str, int] | None:
    """The plan as a point of the program, which has no spare rows; None where it breaks a row."""
    committed = {g.name for g in question.kept if g.committed}
    most = {name: max(fleet.get(name, 0) for fleet in fleets.values()) for name in committed}
    values: dict[str, int] = {}
    for block in question.busy:
        for g in question.at(block).columns:
            number = (most if g.group.committed else fleets[block]).get(g.name, 0)
            values[column_of(g, block)] = number
            if number and question.service.max_types is not None:
                values[type_column(class_of(g.group, "accelerator"))] = 1
    values |= started_of(question, values)
    values = {name: number for name, number in values.items() if number}
    return None if program.broken_rows(values) else values


def _alone(
    question: OverDay, service: SingleService, solver: str | None, deadline: float
) -> dict[Block, Solution]:
    """Least cost of each period, until one has no plan."""
    found: dict[Block, Solution] = {}
    for block in question.busy:
        at = replace(
            question.at(block), groups=_of(question.at(block), service), objectives=("cost",)
        )
        found[block] = solve_single_service(at, solver=solver, time_limit_s=left(deadline))
        if not found[block].counts:
            break
    return found


def _of(at: SingleService, service: SingleService) -> tuple[FailureGroup, ...]:
    names = {group.name for group in service.groups}
    return tuple(group for group in at.groups if group.name in names)


def _bound(question: OverDay, alone: Mapping[Block, Solution]) -> int:
    return sum(
        question.weight(block) * (solution.outcome.bound or 0) for block, solution in alone.items()
    )


def _few_types(question: OverDay, solver: str | None, deadline: float) -> SingleService | None:
    """The service with the types that the busiest period takes when they are limited."""
    at = replace(
        question.at(question.peak), max_types=question.service.max_types, objectives=("cost",)
    )
    solution = solve_single_service(at, solver=solver, time_limit_s=left(deadline))
    if not solution.counts:
        return None
    types = {class_of(group, "accelerator") for group in solution.groups.values()}
    kept = tuple(g for g in question.service.groups if class_of(g, "accelerator") in types)
    return replace(question.service, groups=kept)
