"""CP-SAT of OR-Tools: exact integers, so nothing is scaled; a second exact method.

All rows go into its linear relaxation (level 2; the default leaves some out, and programs that
take 30 ms this way are then not closed in 10 s). First without cuts, which cost more than they save
on most programs; what is then open gets them, and the best point so far as a hint.
Never without a time limit. One worker: the same input gives the same point.
Its own handler of Ctrl-C stays out: after a solve, it would let the next one end the process.
"""

import time
from collections.abc import Mapping
from math import ceil, ulp

from recommender.program.program import Program
from recommender.solvers.check import checked
from recommender.solvers.outcome import Outcome, Status

NAME = "cpsat"
PROOF = f"exact:{NAME}"
LARGEST_ACTIVITY = 2**62  # CP-SAT sums in 64 bits
LARGEST_EXACT = 2**53  # and states its bound as a double
ALL_ROWS_RELAXED = 2
WITHOUT_CUTS_S = 2.0
UNDECIDED = ("FEASIBLE", "UNKNOWN")


def solve(program: Program, *, time_limit_s: float) -> Outcome:
    """Least cost by CP-SAT, re-checked in integers."""
    start = time.perf_counter()
    if _largest_activity(program) > LARGEST_ACTIVITY:
        return Outcome(Status.FAILED, solver=NAME, message="a row exceeds 64-bit arithmetic")
    first_s = min(WITHOUT_CUTS_S, time_limit_s / 2)
    try:
        status, values, bound = _run(program, first_s, cuts=False)
        if status in UNDECIDED:
            second, better, other = _run(program, time_limit_s - first_s, cuts=True, hint=values)
            bound = max(bound, other)
            if second == "INFEASIBLE" and values:
                status = "contradicts itself: a point, and then none"
            elif second != "UNKNOWN":
                status, values = second, _least(program, values, better)
    except Exception as error:  # the solver is foreign code: whatever it raises is its failure
        return Outcome(Status.FAILED, solver=NAME, message=f"{type(error).__name__}: {error}")
    seconds = time.perf_counter() - start
    match status:
        case "OPTIMAL" | "FEASIBLE":
            return checked(
                program,
                values,
                bound=bound,
                optimal=status == "OPTIMAL",
                solver=NAME,
                seconds=seconds,
                proof=(PROOF,),
            )
        case "INFEASIBLE":
            return Outcome(Status.INFEASIBLE, solver=NAME, seconds=seconds, proof=(PROOF,))
        case "UNKNOWN":
            return Outcome(Status.NOT_REACHED, bound=bound, solver=NAME, seconds=seconds)
        case _:
            return Outcome(Status.FAILED, solver=NAME, seconds=seconds, message=status)


def _largest_activity(program: Program) -> int:
    upper = {c.name: c.upper for c in program.columns}
    rows = [sum(abs(a) * upper[p] for p, a in row.coefficients.items()) for row in program.rows]
    return max([*rows, sum(abs(c.cost) * c.upper for c in program.columns)], default=0)


def _least(program: Program, one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """The cheaper of two points; either may be missing."""
    return min((p for p in (one, other) if p), key=program.objective, default={})


def _run(
    program: Program, time_limit_s: float, *, cuts: bool, hint: Mapping[str, int] | None = None
) -> tuple[str, dict[str, int], int]:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = {c.name: model.new_int_var(0, c.upper, "") for c in program.columns}
    for row in program.rows:
        left = cp_model.LinearExpr.weighted_sum(
            [x[p] for p in row.coefficients], list(row.coefficients.values())
        )
        match row.sense:
            case "<=":
                model.add(left <= row.rhs)
            case ">=":
                model.add(left >= row.rhs)
            case "==":
                model.add(left == row.rhs)
    model.minimize(
        cp_model.LinearExpr.weighted_sum(
            [x[c.name] for c in program.columns], [c.cost for c in program.columns]
        )
    )
    for name, value in (hint or {}).items():
        model.add_hint(x[name], value)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = ALL_ROWS_RELAXED
    solver.parameters.cut_level = int(cuts)
    solver.parameters.catch_sigint_signal = False
    status = solver.status_name(solver.solve(model))
    found = status in ("OPTIMAL", "FEASIBLE")
    values = {p: solver.value(v) for p, v in x.items()} if found else {}
    return status, values, _integer_bound(solver.best_objective_bound)


def _integer_bound(bound: float) -> int:
    """The largest integer that is surely not above the bound that this double was rounded from."""
    nearest = round(bound)
    return nearest if abs(nearest) < LARGEST_EXACT else nearest - ceil(ulp(bound))
