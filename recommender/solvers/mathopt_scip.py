"""SCIP, through the copy that OR-Tools ships (MathOpt)."""

from recommender.program.program import Program
from recommender.solvers.mathopt import solve_with
from recommender.solvers.outcome import Outcome

NAME = "scip"


def solve(program: Program, *, time_limit_s: float) -> Outcome:
    """Least cost by SCIP, re-checked in integers."""
    return solve_with("GSCIP", program, name=NAME, time_limit_s=time_limit_s)
