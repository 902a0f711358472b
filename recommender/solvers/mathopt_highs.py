"""HiGHS, through the copy that OR-Tools ships (MathOpt)."""

from recommender.program.program import Program
from recommender.solvers.mathopt import solve_with
from recommender.solvers.outcome import Outcome

NAME = "highs"


def solve(program: Program, *, time_limit_s: float) -> Outcome:
    """Least cost by HiGHS, re-checked in integers."""
    return solve_with("HIGHS", program, name=NAME, time_limit_s=time_limit_s)
