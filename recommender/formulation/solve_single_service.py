r"""Solving a single service: objectives in turn, each over all theta (see spare_search).

Later objectives choose among the optima of the earlier ones, or within their tolerance (row
`optimal[objective]`). Rows that compare rates are asked for where the best plan without them
breaks one (uncompared).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, floor

from recommender.formulation.binding import binding_rows
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.model_search import minimise_over_models
from recommender.formulation.single_service import SingleService
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.spare_search import AT_ONCE, LEAST_S, Found, left
from recommender.formulation.uncompared import compared, uncompared
from recommender.program.canonical import RoundingLoss, decimal
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status, not_minimised


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What to buy, and how sure that is.

    Attributes
    ----------
    counts
        Group name -> number of groups; only those that are not zero.
    outcome
        Status, objective and bound of the last objective [canonical units], proof.
    theta_per_s
        Theta of the spare row that the plan meets [requests/s]; None without redundancy.
    program
        The last program solved, the one that the counts are optimal for.
    rounding_loss
        Of the groups of the plan (of all groups without a plan).
    binding
        Rows without room: one group less, or one more, would break them.
    solves
        Programs solved.
    gap
        Share by which the first objective may be better, where that is known [1].
    loose
        What the first objective comes to at least without the rows that compare rates [canonical
        units]; None where there are none, or nothing is known. Larger rates only lower it.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, FailureGroup] = field(default_factory=dict)
    outcome: Outcome
    theta_per_s: float | None
    program: Program
    rounding_loss: RoundingLoss
    binding: tuple[str, ...] = ()
    solves: int = 0
    gap: float | None = None
    loose: int | None = None


def solve_single_service(
    question: SingleService, *, solver: str | None = None, time_limit_s: float = 60.0
) -> Solution:
    """The best plan; `solver` None takes exact_cover first and proves (see solvers.prove)."""
    deadline = time.perf_counter() + time_limit_s
    loose = uncompared(question)
    if loose is None:
        return _solve(question, solver, deadline)
    found = _solve(loose, solver, time.perf_counter() + time_limit_s / 2)
    if found.outcome.status is Status.INFEASIBLE:
        return found
    bound = _first_bound(loose, found)
    program = compared(question, found.program, found.counts) if found.counts else None
    kept: Solution | None = None
    if program is not None:
        binding = tuple(binding_rows(program, found.outcome.values))
        kept = replace(found, program=program, binding=binding, loose=bound)
        if found.outcome.status is Status.OPTIMAL:
            return kept
    solution = _solve(question, solver, deadline)
    solves = found.solves + solution.solves
    dearer = _first_value(question, solution) > _first_value(loose, found)
    open_still = solution.outcome.status is not Status.OPTIMAL
    if kept is not None and open_still and (dearer or not solution.counts):
        return replace(kept, solves=solves)
    known = [s for s in (solution.gap, _gap(question, solution, bound)) if s is not None]
    return replace(solution, gap=min(known, default=None), solves=solves, loose=bound)


def _first_bound(loose: SingleService, found: Solution) -> int | None:
    """What the first objective is at least, of a question without some of its rows."""
    if found.outcome.status is Status.OPTIMAL:
        return _first_value(loose, found)
    if not found.counts:
        return found.outcome.bound
    value = _first_value(loose, found)
    return None if found.gap is None else value - ceil(found.gap * value)


def _solve(question: SingleService, solver: str | None, deadline: float) -> Solution:
    """The best plan of a question with all of its rows at once."""
    if left(deadline) <= LEAST_S and len(question.groups) > AT_ONCE:
        return not_begun(question)
    fixed: list[Row] = []
    last: tuple[Found, Outcome] | None = None
    first_bound: int | None = None
    solves = 0

    def solve(program: Program, seconds: float) -> Outcome:
        return prove.solve(program, solver=solver, time_limit_s=seconds)

    for number, objective in enumerate(question.objectives):
        found = minimise_over_models(question, objective, fixed, solve, deadline)
        solves += len(found.parts)
        outcome = found.outcome()
        if last is not None and outcome.status is not Status.OPTIMAL:  # it ran out of time
            message = not_minimised(objective, outcome)
            late = found, replace(outcome, message=message)
            last = _after(last, late, None if question.stated is None else number < question.stated)
            break
        last = (found, outcome)
        first_bound = outcome.bound if number == 0 else first_bound
        if outcome.status is not Status.OPTIMAL:
            break
        weights = {g.name: ATTRIBUTES[objective](g) for g in question.columns}
        most = _with_tolerance(question, number, outcome.objective or 0)
        fixed.append(Row(f"optimal[{objective}]", weights, "<=", most))
    if last is None:
        raise ValueError("a question needs at least one objective")
    solution = _solution(question, *last, solves)
    return replace(solution, gap=_gap(question, solution, first_bound))


def not_begun(question: SingleService) -> Solution:
    """Nothing is known: no time was left to state the program, which takes seconds of thousands."""
    outcome = Outcome(Status.NOT_REACHED)
    nothing = Program((), ())
    loss = rounding_loss((), question.unit)
    return Solution(outcome=outcome, theta_per_s=None, program=nothing, rounding_loss=loss)


def _after(
    last: tuple[Found, Outcome], late: tuple[Found, Outcome], asked_for: bool | None
) -> tuple[Found, Outcome]:
    """What is known where a later objective was not decided.

    A plan is optimal without one that breaks ties, not without one that was asked for; where that
    is not said, the point decides: a new one is not proven, and without one the last claim stands.
    """
    (found, before), (later, outcome) = last, late
    if outcome.values and asked_for is not False:
        return later, outcome
    if outcome.values:
        return later, replace(before, values=outcome.values, message=outcome.message)
    kept = replace(before, message=outcome.message)
    if asked_for:
        kept = replace(kept, status=Status.FEASIBLE, bound=None, proof=())
    return found, kept


def _with_tolerance(question: SingleService, number: int, optimum: int) -> int:
    """What an objective may rise to for the later ones, rounded down."""
    given = question.tolerances[number : number + 1]
    return optimum + floor(decimal(given[0]) * optimum) if given else optimum


def _gap(question: SingleService, solution: Solution, bound: int | None) -> float | None:
    """How far the first objective of a plan is from its bound, as a share of it."""
    value = _first_value(question, solution)
    return None if bound is None or not value else max(0, value - bound) / value


def _first_value(question: SingleService, solution: Solution) -> int:
    """What the first objective comes to [canonical units]."""
    weight = ATTRIBUTES[question.objectives[0]]
    return sum(weight(g) * solution.counts.get(g.name, 0) for g in question.columns)


def _solution(question: SingleService, found: Found, outcome: Outcome, solves: int) -> Solution:
    by_name = {g.name: g for g in question.columns}
    counts = {name: n for name, n in outcome.values.items() if name in by_name}
    used = [by_name[name] for name in counts]
    return Solution(
        counts=counts,
        groups={g.name: g.group for g in used},
        outcome=outcome,
        theta_per_s=None if found.theta is None else question.unit.per_s(found.theta),
        program=found.program,
        rounding_loss=rounding_loss(used or question.columns, question.unit),
        binding=tuple(binding_rows(found.program, outcome.values)) if counts else (),
        solves=solves,
    )
