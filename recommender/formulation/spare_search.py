r"""Search over theta: one exact solve each, in the order of their bounds.

    base      the program without spare row: its optimum bounds every theta from below;
              when its plan survives the worst k losses, it is the answer
    start     the base plan, with more of one group until it survives: an incumbent
    bound     bound(theta) = max(base, bound of the linear relaxation of its program, in integers);
              that of the spare row alone where it is enough
    loop      theta by rising bound; stop when the bound reaches the incumbent;
              each program must beat the incumbent (row `cheaper`), so most end at once

The incumbent is optimal when every theta is decided: solved, shown to hold nothing cheaper, or
bounded by the incumbent.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from recommender.formulation.alike import in_order
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.limits import rates
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.single_service_program import program
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.constraints.spare import rate_after_worst_losses
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.exact_cover import root_bound
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.prove import DECIDED, combined

AT_ONCE = 200
"""Programs of no more groups are stated and looked at in no time."""
LEAST_S = 0.01
"""What is left when the time is up [s]."""
Solve = Callable[[Program, float], Outcome]
"""Program, seconds left -> Outcome."""


@dataclass(slots=True)
class Found:
    """Incumbent over theta, and what all programs together prove.

    Attributes
    ----------
    values, program, theta
        The incumbent, the program it meets, its theta [rate units]; None without one.
    parts
        Outcomes that the claim rests on.
    open_bounds
        Bounds of the programs that were not decided.
    """

    program: Program
    values: Mapping[str, int] | None = None
    theta: int | None = None
    parts: list[Outcome] = field(default_factory=list)
    open_bounds: list[int] = field(default_factory=list)

    @property
    def objective(self) -> int | None:
        """Of the incumbent."""
        return None if self.values is None else self.program.objective(self.values)

    def outcome(self) -> Outcome:
        """One outcome for all theta."""
        seconds = sum(part.seconds for part in self.parts)
        message = "; ".join(dict.fromkeys(p.message for p in self.parts if p.message))
        solver = next((p.solver for p in reversed(self.parts) if p.solver), "")
        objective = self.objective
        failed = any(p.status is Status.FAILED for p in self.parts)
        closed = not failed and all(b >= (objective or b + 1) for b in self.open_bounds)
        if objective is None:
            open_status = Status.FAILED if failed else Status.NOT_REACHED
            status = Status.INFEASIBLE if closed else open_status
            bound = min(self.open_bounds, default=None)
        else:
            status = Status.OPTIMAL if closed else Status.FEASIBLE
            bound = objective if closed else min([objective, *self.open_bounds])
        return Outcome(
            status,
            values=self.values or {},
            objective=objective,
            bound=bound,
            solver=solver,
            seconds=seconds,
            proof=combined(self.parts) if closed else (),
            message=message,
        )


def minimise(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    solve: Solve,
    deadline: float,
) -> Found:
    """The best plan for one objective; `fixed` are rows of earlier ones."""
    without_spare = _program(question, objective, None, fixed)
    base = solve(without_spare, left(deadline))
    found = Found(without_spare, parts=[base])
    if base.status is Status.FAILED:
        found.open_bounds = [0]  # nothing is known of it: other models' plans are no bound
    if base.status in (Status.INFEASIBLE, Status.FAILED):
        return found
    if question.failures == 0:
        found.values = base.values or None
        found.open_bounds = [] if base.status in DECIDED else [base.bound or 0]
        return found
    if base.status in DECIDED and _survives(question, base.values):
        found.values, found.theta = base.values, own_theta_of(question, base.values)
        return found
    floor = base.bound or 0
    if base.status not in DECIDED:
        found.parts = []  # only its bound is used, and theta by theta the others decide
        floor = 0
    _start(question, objective, fixed, base.values, found)
    _loop(question, objective, fixed, solve, deadline, found, floor)
    return found


def _loop(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    solve: Solve,
    deadline: float,
    found: Found,
    floor: int,
) -> None:
    """Every theta that may beat the incumbent."""
    bounds = _bounds(question, objective, fixed, deadline, found.objective, floor)
    weights = {g.name: ATTRIBUTES[objective](g) for g in question.columns}
    for theta in sorted(bounds, key=lambda t: (bounds[t], -t)):
        best = found.objective
        if best is not None and bounds[theta] >= best:
            return
        if time.perf_counter() > deadline:
            found.open_bounds.append(bounds[theta])  # the smallest of those that are left
            return
        extra = [*fixed]
        if best is not None:
            extra.append(Row("cheaper", weights, "<=", best - 1))
        candidate = _program(question, objective, theta, extra)
        outcome = solve(candidate, left(deadline))
        found.parts.append(outcome)
        if outcome.values:
            found.values, found.program, found.theta = outcome.values, candidate, theta
        if outcome.status not in DECIDED:
            found.open_bounds.append(max(bounds[theta], outcome.bound or 0))


def _bounds(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    deadline: float,
    incumbent: int | None,
    floor: int,
) -> dict[int, int]:
    """Bound of each theta that is not shown to have no plan; by one row alone where that is enough,
    or no time is left for more."""
    bounds: dict[int, int] = {}
    best_alone = _best_alone(question, objective)
    for theta in question.thetas():
        alone = _one_row_bound(question, best_alone, theta)
        beaten = incumbent is not None and alone >= incumbent
        if beaten or time.perf_counter() > deadline:
            bounds[theta] = max(floor, alone)
            continue
        relaxed = root_bound(_program(question, objective, theta, fixed))
        if relaxed is not None:
            bounds[theta] = max(floor, relaxed)
    return bounds


def one_row_bound(question: SingleService, objective: Objective, theta: int) -> int:
    """Least objective that meets the spare row of a theta, if groups could be cut: in integers.

    min a n  s.t.  sum min(c, theta) n >= D + k theta     is   (D + k theta) min_p a / min(c, theta)

    With theta 0 it is that of the demand alone.
    """
    return _one_row_bound(question, _best_alone(question, objective), theta)


def _one_row_bound(
    question: SingleService, weights_and_rates: Sequence[tuple[int, int]], theta: int
) -> int:
    need = RATE_UNITS_PER_DEMAND + question.failures * theta
    return min(-(-need * weight // min(rate, theta or rate)) for weight, rate in weights_and_rates)


def _best_alone(question: SingleService, objective: Objective) -> list[tuple[int, int]]:
    """(weight, rate) of the columns that some theta may be met with at least: of thousands, few."""
    weight = ATTRIBUTES[objective]
    best: list[tuple[int, int]] = []
    for pair in sorted(
        ((weight(g), g.rate) for g in question.columns), key=lambda p: (p[0], -p[1])
    ):
        if not best or pair[1] > best[-1][1]:
            best.append(pair)
    return best


def _program(
    question: SingleService, objective: Objective, theta: int | None, extra: Sequence[Row]
) -> Program:
    """The program, with zones that are alike in order."""
    return in_order(question, program(question, objective=objective, theta=theta, extra=extra))


def _start(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    base: Mapping[str, int],
    found: Found,
) -> None:
    """The cheapest of: the base plan and more of one group, until it survives.

    None more where time ended the base program at a plan that survives as it is.
    """
    cost, rate = ATTRIBUTES[objective], rates(question.columns)
    additions = sorted(
        (cost(group) * more, group.name, more)
        for group in question.columns
        for more in range(question.failures + 2)
    )
    alone = (a for a in additions if base and _is_left(question, rate, _with(base, a)))
    addition = next(alone, None)
    if addition is None:
        return
    values = {p: n for p, n in _with(base, addition).items() if n}
    theta = own_theta_of(question, values)
    candidate = _program(question, objective, theta, fixed)
    if not candidate.broken_rows(values):
        found.values, found.program, found.theta = values, candidate, theta


def _with(base: Mapping[str, int], addition: tuple[int, str, int]) -> dict[str, int]:
    """The plan with more of one group."""
    _, name, more = addition
    return {**base, name: base.get(name, 0) + more}


def _survives(question: SingleService, values: Mapping[str, int]) -> bool:
    return _is_left(question, rates(question.columns), values)


def _is_left(question: SingleService, rate: Mapping[str, int], values: Mapping[str, int]) -> bool:
    counts = {name: n for name, n in values.items() if name in rate}
    rate_left = rate_after_worst_losses(rate=rate, counts=counts, failures=question.failures)
    return rate_left >= RATE_UNITS_PER_DEMAND


def own_theta_of(question: SingleService, values: Mapping[str, int]) -> int:
    """The rate of the largest group that is left: theta = r_{k+1}."""
    lost = question.failures
    for group in sorted(question.columns, key=lambda g: -g.rate):
        lost -= values.get(group.name, 0)
        if lost < 0:
            return group.rate
    raise ValueError("a plan of so few groups leaves nothing")


def left(deadline: float) -> float:
    """Seconds until a time of time.perf_counter, never 0."""
    return max(LEAST_S, deadline - time.perf_counter())
