"""Every installed solver solves a program whose optimum is known.

min 3 a + 2 b   with   2 a + b >= 7;   a, b whole, at most 9

a=3, b=1: 6 + 1 = 7, cost 11; a=4: cost 12; a=2, b=3: cost 12; so the optimum is 11.
"""

from collections.abc import Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from recommender.doctor.check import Check, guarded

OPTIMUM = 11
TIME_LIMIT_S = 20.0


def checks() -> Iterator[Check]:
    """One check per solver, and one for a package that is known to disturb them."""
    from recommender.solvers.registry import available

    for name in available():
        yield guarded(f"solver {name}", partial(_solve, name))
    yield _highspy()


def _solve(name: str) -> str:
    from recommender.program.column import Column
    from recommender.program.program import Program
    from recommender.program.row import Row
    from recommender.solvers.registry import get

    columns = (Column("a", cost=3, upper=9), Column("b", cost=2, upper=9))
    program = Program(columns, (Row("demand", {"a": 2, "b": 1}, ">=", 7),))
    outcome = get(name)(program, time_limit_s=TIME_LIMIT_S)
    if outcome.objective != OPTIMUM:
        found = outcome.message or f"{outcome.status}, {outcome.objective}"
        raise ArithmeticError(f"the optimum is {OPTIMUM}; returned {found}")
    return f"{outcome.solver}: optimum of the test program found"


def _highspy() -> Check:
    """Not a fault: HiGHS is used as OR-Tools ships it, and this package is never imported."""
    try:
        found = f"{version('highspy')} is installed; it is not used"
    except PackageNotFoundError:
        found = "not installed, and not needed"
    return Check("highspy", True, found)
