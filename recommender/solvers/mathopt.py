"""A program in OR-Tools MathOpt: the common part of the SCIP and HiGHS back ends.

MathOpt works in double precision, so every number must be an exact double, gaps are set to 0, the
point is rounded and re-checked in integers, and the bound is rounded up to the next integer
(the objective is an integer on every point). Its claim is one solver's word, not an exact proof.
"""

import datetime
import time
from math import ceil, inf, isfinite
from typing import Any

from recommender.program.program import Program
from recommender.solvers.check import checked
from recommender.solvers.outcome import Outcome, Status

LARGEST_EXACT = 2**53
BOUND_TOLERANCE = 1e-6  # relative; a float bound this little above an integer is that integer


def solve_with(solver_type: str, program: Program, *, name: str, time_limit_s: float) -> Outcome:
    """Solve with the MathOpt solver of that type name (`GSCIP`, `HIGHS`)."""
    start = time.perf_counter()
    if _largest(program) > LARGEST_EXACT:
        return Outcome(Status.FAILED, solver=name, message="a coefficient exceeds 2^53")
    try:
        result, variables = _run(solver_type, program, time_limit_s)
    except Exception as error:  # the solver is foreign code: whatever it raises is its failure
        return Outcome(Status.FAILED, solver=name, message=f"{type(error).__name__}: {error}")
    return _outcome(program, result, variables, name, time.perf_counter() - start)


def _largest(program: Program) -> int:
    numbers = [abs(c.cost) for c in program.columns] + [c.upper for c in program.columns]
    for row in program.rows:
        numbers += [abs(row.rhs), *(abs(a) for a in row.coefficients.values())]
    return max(numbers, default=0)


def _run(solver_type: str, program: Program, time_limit_s: float) -> tuple[Any, dict[str, Any]]:
    from ortools.math_opt.python import mathopt

    model = mathopt.Model()
    x = {c.name: model.add_integer_variable(lb=0, ub=c.upper) for c in program.columns}
    for row in program.rows:
        equation = model.add_linear_constraint(
            lb=-inf if row.sense == "<=" else row.rhs,
            ub=inf if row.sense == ">=" else row.rhs,
        )
        for name, a in row.coefficients.items():
            equation.set_coefficient(x[name], a)
    for column in program.columns:
        model.objective.set_linear_coefficient(x[column.name], column.cost)
    limits = mathopt.SolveParameters(
        time_limit=datetime.timedelta(seconds=time_limit_s),
        relative_gap_tolerance=0.0,
        absolute_gap_tolerance=0.0,
    )
    return mathopt.solve(model, mathopt.SolverType[solver_type], params=limits), x


def _outcome(
    program: Program, result: Any, variables: dict[str, Any], name: str, seconds: float
) -> Outcome:
    reason = result.termination.reason.name
    if reason == "INFEASIBLE":
        return Outcome(Status.INFEASIBLE, solver=name, seconds=seconds, proof=(name,))
    bound = _integer_bound(result.termination.objective_bounds.dual_bound)
    if not result.has_primal_feasible_solution():
        limited = reason in ("NO_SOLUTION_FOUND", "FEASIBLE")
        status = Status.NOT_REACHED if limited else Status.FAILED
        message = "" if limited else f"{name} ended with {reason}"
        return Outcome(status, bound=bound, solver=name, seconds=seconds, message=message)
    values = {column: round(result.variable_values(v)) for column, v in variables.items()}
    objective = program.objective(values)
    return checked(
        program,
        values,
        bound=None if bound is None else min(bound, objective),
        optimal=reason == "OPTIMAL",
        solver=name,
        seconds=seconds,
        proof=(name,),
    )


def _integer_bound(bound: float) -> int | None:
    if not isfinite(bound):
        return None
    return ceil(bound - BOUND_TOLERANCE * max(1.0, abs(bound)))
