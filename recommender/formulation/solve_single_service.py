r"""Solving a single service: one exact solve per theta, in the order of their bounds.

    base      the program without spare row: its optimum bounds every theta from below;
              when its plan survives the worst k losses, it is the answer
    bound     bound(theta) = max(base, fractional optimum of the spare row of theta)
    loop      theta by rising bound; stop when the bound reaches the incumbent;
              each program must beat the incumbent (row `cheaper`), so most end at once

Later objectives repeat this among the optima of the earlier ones (row `optimal[objective]`).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from recommender.formulation.binding import binding_rows
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import Objective, SingleService, program
from recommender.formulation.sized_group import rounding_loss
from recommender.program.canonical import RATE_UNITS_PER_DEMAND, RoundingLoss
from recommender.program.constraints.spare import rate_after_worst_losses
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status


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
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, FailureGroup] = field(default_factory=dict)
    outcome: Outcome
    theta_per_s: float | None
    program: Program
    rounding_loss: RoundingLoss
    binding: tuple[str, ...] = ()
    solves: int = 0


@dataclass(slots=True)
class _Search:
    """Incumbent over theta, and what all programs together prove."""

    program: Program
    incumbent: Outcome | None = None
    theta: int | None = None
    parts: list[Outcome] = field(default_factory=list)
    open_bounds: list[int] = field(default_factory=list)


def solve_single_service(
    question: SingleService, *, solver: str | None = None, time_limit_s: float = 60.0
) -> Solution:
    """The best plan; `solver` None takes exact_cover first and proves (see solvers.prove)."""
    deadline = time.perf_counter() + time_limit_s
    fixed: list[Row] = []
    last: tuple[_Search, Outcome] | None = None
    solves = 0
    for objective in question.objectives:
        search = _minimise(question, objective, fixed, solver, deadline)
        solves += len(search.parts)
        outcome = _together(search)
        if last is not None and not outcome.values:  # a later objective ran out of time
            outcome = replace(last[1], message=f"{objective} not minimised: {outcome.status}")
            last = (last[0], outcome)
            break
        last = (search, outcome)
        if outcome.status is not Status.OPTIMAL:
            break
        weights = {g.name: ATTRIBUTES[objective](g) for g in question.columns}
        fixed.append(Row(f"optimal[{objective}]", weights, "<=", outcome.objective or 0))
    if last is None:
        raise ValueError("a question needs at least one objective")
    return _solution(question, *last, solves)


def _minimise(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    solver: str | None,
    deadline: float,
) -> _Search:
    """All theta of one objective."""
    base_program = program(question, objective=objective, theta=None, extra=fixed)
    base = prove.solve(base_program, solver=solver, time_limit_s=_left(deadline))
    search = _Search(base_program, parts=[base])
    if question.failures == 0 or base.status in (Status.INFEASIBLE, Status.FAILED):
        search.incumbent = base
        return search
    if base.status is Status.OPTIMAL and _survives(question, base.values):
        search.incumbent, search.theta = base, _theta_met(question, base.values)
        return search
    search.parts = []  # its optimum is a bound; whether that is needed shows below
    floor = base.bound or 0
    bounds = {t: max(floor, _fractional(question, objective, t)) for t in question.thetas()}
    for theta in sorted(bounds, key=lambda t: (bounds[t], -t)):
        best = search.incumbent
        if best is not None and bounds[theta] >= (best.objective or 0):
            search.parts.append(base)  # the base bound closes the others
            break
        _try(question, objective, fixed, solver, deadline, search, theta, bounds[theta])
    return search


def _try(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    solver: str | None,
    deadline: float,
    search: _Search,
    theta: int,
    bound: int,
) -> None:
    """One theta: it must beat the incumbent."""
    extra = list(fixed)
    if search.incumbent is not None:
        cost = {g.name: ATTRIBUTES[objective](g) for g in question.columns}
        limit = (search.incumbent.objective or 0) - 1
        extra.append(Row("cheaper", cost, "<=", limit))
    candidate = program(question, objective=objective, theta=theta, extra=extra)
    outcome = prove.solve(candidate, solver=solver, time_limit_s=_left(deadline))
    search.parts.append(outcome)
    if outcome.values:
        search.incumbent, search.program, search.theta = outcome, candidate, theta
    if outcome.status not in prove.DECIDED:
        search.open_bounds.append(max(bound, outcome.bound or 0))


def _together(search: _Search) -> Outcome:
    """One outcome for all theta: optimal when each is decided, proven when each is."""
    parts, best = search.parts, search.incumbent
    seconds = sum(part.seconds for part in parts)
    messages = "; ".join(dict.fromkeys(p.message for p in parts if p.message))
    if best is None or best.objective is None:
        decided = all(p.status is Status.INFEASIBLE for p in parts)
        failed = any(p.status is Status.FAILED for p in parts)
        open_status = Status.FAILED if failed else Status.NOT_REACHED
        return Outcome(
            Status.INFEASIBLE if decided else open_status,
            bound=None if decided else min(search.open_bounds, default=None),
            solver=parts[-1].solver if parts else "",
            seconds=seconds,
            proof=prove.combined(parts) if decided else (),
            message=messages,
        )
    bound = min([best.objective, *search.open_bounds])
    closed = bound == best.objective and best.status is Status.OPTIMAL
    return replace(
        best,
        status=Status.OPTIMAL if closed else Status.FEASIBLE,
        bound=bound,
        seconds=seconds,
        proof=prove.combined(parts) if closed else (),
        message=messages,
    )


def _solution(question: SingleService, search: _Search, outcome: Outcome, solves: int) -> Solution:
    by_name = {g.name: g for g in question.columns}
    counts = {name: n for name, n in outcome.values.items() if name in by_name}
    used = [by_name[name] for name in counts]
    return Solution(
        counts=counts,
        groups={g.name: g.group for g in used},
        outcome=outcome,
        theta_per_s=None if search.theta is None else question.unit.per_s(search.theta),
        program=search.program,
        rounding_loss=rounding_loss(used or question.columns, question.unit),
        binding=tuple(binding_rows(search.program, outcome.values)) if counts else (),
        solves=solves,
    )


def _survives(question: SingleService, values: Mapping[str, int]) -> bool:
    rate = {g.name: g.rate for g in question.columns}
    counts = {name: n for name, n in values.items() if name in rate}
    left = rate_after_worst_losses(rate=rate, counts=counts, failures=question.failures)
    return left >= RATE_UNITS_PER_DEMAND


def _theta_met(question: SingleService, values: Mapping[str, int]) -> int:
    """The rate of the largest group that is left: theta = r_{k+1}."""
    rates = sorted(
        (g.rate for g in question.columns for _ in range(values.get(g.name, 0))), reverse=True
    )
    return rates[question.failures]


def _fractional(question: SingleService, objective: Objective, theta: int) -> int:
    """Fractional optimum of the spare row alone, rounded up."""
    need = RATE_UNITS_PER_DEMAND + question.failures * theta
    cost = ATTRIBUTES[objective]
    return min(-(-need * cost(g) // min(g.rate, theta)) for g in question.columns)


def _left(deadline: float) -> float:
    return max(0.01, deadline - time.perf_counter())
