"""PuLP: the door to any solver that the user owns, and to LP and MPS files.

Only solvers that the user names are called. The CBC bundled with PuLP 3.3.2 (`PULP_CBC_CMD`)
returns wrong optima and calls time-limit stops optimal, so it is refused by name; a current CBC
comes in as `COIN_CMD` with its path. highspy is hidden while PuLP loads: PuLP would load its
library, and that cannot live in one process with OR-Tools.

A PuLP status is one solver's word: the point is re-checked in integers, `optimal` needs PuLP's
solution status to say so too, and no bound is taken from it.
"""

import os
import sys
import tempfile
import time
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from recommender.errors import SolverError, SpecError
from recommender.program.program import Program
from recommender.solvers.check import checked
from recommender.solvers.outcome import Outcome, Status

REFUSED = {
    "PULP_CBC_CMD": "it calls wrong answers optimal; a current CBC is pulp:COIN_CMD:/path/of/cbc",
    "HiGHS": "its library cannot be loaded beside others; take --solver highs",
}
FORMATS = (".lp", ".mps")


def solve(program: Program, *, solver: str, time_limit_s: float, **options: Any) -> Outcome:
    """Least cost by the PuLP solver of that name; `options` go to its constructor (`path=...`)."""
    name = f"pulp:{solver}"
    start = time.perf_counter()
    if solver in REFUSED:
        message = f"{solver} is refused: {REFUSED[solver]}"
        return Outcome(Status.FAILED, solver=name, message=message)
    try:
        pulp = _pulp()
        engine = pulp.getSolver(solver, msg=False, timeLimit=time_limit_s, **options)
        problem, x = _problem(pulp, program)
        problem.solve(engine)
    except Exception as error:  # the solver is foreign code: whatever it raises is its failure
        return Outcome(Status.FAILED, solver=name, message=f"{type(error).__name__}: {error}")
    return _outcome(program, pulp, problem, x, name, time.perf_counter() - start)


def check_name(solver: str) -> None:
    """Refuse a name that PuLP does not know, or that is refused here; raises SpecError."""
    if solver in REFUSED:
        raise SpecError(f"--solver pulp:{solver} is refused: {REFUSED[solver]}")
    known = [name for name in dict.fromkeys(_pulp().listSolvers()) if name not in REFUSED]
    if solver not in known:
        close = get_close_matches(solver.upper(), known, n=1)
        hint = f"did you mean pulp:{close[0]}?" if close else f"PuLP knows {', '.join(known)}"
        raise SpecError(f"unknown solver 'pulp:{solver}'; {hint}")


def write_lp(program: Program, path: Path) -> None:
    """Write the program as `.lp` or `.mps`; the file appears whole or not at all.

    Names keep what the formats allow: PuLP turns other characters into underscores and numbers
    doubles, so columns are written as `x0`, `x1`, ... in the order of the program, with the list
    of names as comments at the head of an `.lp` file.

    Raises
    ------
    SolverError
        For another suffix.
    """
    if path.suffix not in FORMATS:
        raise SolverError(f"{path.name}: an LP file ends in .lp or .mps")
    problem, _ = _problem(_pulp(), program)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / f"draft{path.suffix}"
        if path.suffix == ".lp":
            problem.writeLP(str(draft))
            draft.write_text(_names(program) + draft.read_text())
        else:
            problem.writeMPS(str(draft))
        os.replace(draft, path)


def _pulp() -> ModuleType:
    """PuLP, loaded without a look at highspy."""
    hidden = "highspy" not in sys.modules
    if hidden:
        sys.modules["highspy"] = None  # type: ignore[assignment]  # import of it now fails
    try:
        import pulp
    finally:
        if hidden:
            del sys.modules["highspy"]
    module: ModuleType = pulp
    return module


def _problem(pulp: Any, program: Program) -> tuple[Any, dict[str, Any]]:
    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    x = {
        c.name: problem.add_variable(f"x{i}", 0, c.upper, pulp.LpInteger)
        for i, c in enumerate(program.columns)
    }
    problem += pulp.LpAffineExpression([(x[c.name], c.cost) for c in program.columns])
    sense = {"<=": pulp.LpConstraintLE, "==": pulp.LpConstraintEQ, ">=": pulp.LpConstraintGE}
    for i, row in enumerate(program.rows):
        left = pulp.LpAffineExpression([(x[p], a) for p, a in row.coefficients.items()])
        problem += pulp.LpConstraint(left, sense[row.sense], f"row{i}", row.rhs)
    return problem, x


def _names(program: Program) -> str:
    columns = [f"\\ x{i}: {column.name}\n" for i, column in enumerate(program.columns)]
    rows = [f"\\ row{i}: {row.name}\n" for i, row in enumerate(program.rows)]
    return "".join([*columns, *rows])


def _outcome(
    program: Program, pulp: Any, problem: Any, x: dict[str, Any], name: str, seconds: float
) -> Outcome:
    if problem.status == pulp.LpStatusInfeasible:
        return Outcome(Status.INFEASIBLE, solver=name, seconds=seconds, proof=(name,))
    if any(v.value() is None for v in x.values()):
        status = pulp.LpStatus[problem.status]
        return Outcome(Status.NOT_REACHED, solver=name, seconds=seconds, message=status)
    return checked(
        program,
        {column: round(v.value()) for column, v in x.items()},
        bound=None,
        optimal=problem.sol_status == pulp.LpSolutionOptimal,
        solver=name,
        seconds=seconds,
        proof=(name,),
    )
