r"""Our own exact method for covering programs: branch and bound with knapsack tables.

    solve(program)  =  read -> for each level of tables: search -> Outcome

Complete and exact for every program with costs >= 0 and finite bounds, fast when few covering rows
decide (demand and spare) and the others are packing rows and a limit on types. No float takes part
in a bound or a comparison, so its `optimal` is a proof; limits give the best point and its bound.
"""

import time

from recommender.program.program import Program
from recommender.solvers.check import checked
from recommender.solvers.cover.levels import NODES_PER_LEVEL, levels
from recommender.solvers.cover.problem import CoverProblem, NotCovering, read
from recommender.solvers.cover.search import Progress, Search
from recommender.solvers.cover.table import INFINITE
from recommender.solvers.outcome import Outcome, Status

NAME = "exact_cover"
PROOF = f"exact:{NAME}"
NO_NODE_LIMIT = 1 << 60


def solve(program: Program, *, time_limit_s: float) -> Outcome:
    """Least cost, proven; or the best point and bound when the time is up [s]."""
    start = time.perf_counter()
    try:
        problem = read(program)
        progress = _search(problem, deadline=start + time_limit_s)
    except (NotCovering, OverflowError, MemoryError) as error:
        return Outcome(Status.FAILED, solver=NAME, message=f"{type(error).__name__}: {error}")
    return _outcome(program, problem, progress, time.perf_counter() - start)


def _search(problem: CoverProblem, *, deadline: float) -> Progress:
    """Levels until one closes; the incumbent and the bound are carried from level to level."""
    progress = Progress(best=INFINITE if problem.cutoff is None else problem.cutoff + 1)
    stages = levels(problem)
    for number, tables in enumerate(stages, 1):
        limit = NODES_PER_LEVEL[number - 1] if number < len(stages) else NO_NODE_LIMIT
        Search(problem, tables(), progress).run(node_limit=limit, deadline=deadline)
        if progress.finished or time.perf_counter() > deadline:
            break
    return progress


def _outcome(
    program: Program, problem: CoverProblem, progress: Progress, seconds: float
) -> Outcome:
    if progress.values is None:
        status = Status.INFEASIBLE if progress.finished else Status.NOT_REACHED
        bound = None if progress.finished else progress.bound
        proof = (PROOF,) if progress.finished else ()
        return Outcome(status, bound=bound, solver=NAME, seconds=seconds, proof=proof)
    values = {n: x for n, x in zip(problem.names, progress.values, strict=False) if x}
    types = dict(zip(problem.names, problem.type_of, strict=True))
    if problem.type_column:
        values |= {problem.type_column[types[name]]: 1 for name in values}
    return checked(
        program,
        values,
        bound=progress.bound,
        optimal=progress.finished,
        solver=NAME,
        seconds=seconds,
        proof=(PROOF,),
    )
