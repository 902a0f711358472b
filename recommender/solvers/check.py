"""Re-check of every point a solver returns, in integer arithmetic: a mismatch is never silent."""

from collections.abc import Mapping

from recommender.program.program import Program
from recommender.solvers.outcome import Outcome, Status


def checked(
    program: Program,
    values: Mapping[str, int],
    *,
    bound: int | None,
    optimal: bool,
    solver: str,
    seconds: float,
    proof: tuple[str, ...],
) -> Outcome:
    """Outcome of a point: optimal or feasible when it holds, failed when a row is broken.

    `optimal` is the solver's claim and `proof` who stands for it; `bound` is its lower bound,
    which may not exceed the objective at the point.
    """
    broken = program.broken_rows(values)
    if broken:
        message = f"{solver} returned a point that breaks {', '.join(broken[:5])}"
        return Outcome(Status.FAILED, solver=solver, seconds=seconds, message=message)
    objective = program.objective(values)
    if bound is not None and bound > objective:
        message = f"{solver} claims the bound {bound} above its own point at {objective}"
        return Outcome(Status.FAILED, solver=solver, seconds=seconds, message=message)
    return Outcome(
        Status.OPTIMAL if optimal else Status.FEASIBLE,
        values={name: value for name, value in values.items() if value},
        objective=objective,
        bound=objective if optimal else bound,
        solver=solver,
        seconds=seconds,
        proof=proof if optimal else (),
    )
