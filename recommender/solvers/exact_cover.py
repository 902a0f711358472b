r"""Our own exact method for covering programs: branch and bound with knapsack tables.

    solve(program)  =  read -> (prices -> rule out -> tables -> search) until closed -> Outcome

Complete and exact for every program with costs >= 0 and finite bounds, fast when few covering rows
decide (demand and spare) and the others are packing rows and a limit on types. No float takes part
in a bound or a comparison, so its `optimal` is a proof; limits give the best point and its bound.
"""

import time

from recommender.program.program import Program
from recommender.solvers.check import checked
from recommender.solvers.cover.levels import tables
from recommender.solvers.cover.multipliers import bound, multipliers, tightened
from recommender.solvers.cover.problem import CoverProblem, NotCovering, read
from recommender.solvers.cover.search import Progress, Search
from recommender.solvers.cover.start import starts
from recommender.solvers.cover.table import INFINITE
from recommender.solvers.outcome import Outcome, Status

NAME = "exact_cover"
PROOF = f"exact:{NAME}"
FIRST_NODES = 300
GROWTH = 4


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
    """Stages until one closes; incumbent and bound are carried along, better ones rule out more."""
    progress = Progress(best=INFINITE if problem.cutoff is None else problem.cutoff + 1)
    for start in starts(problem):
        progress.offer(start, problem.value(start))
    limit = FIRST_NODES
    while True:
        prices = multipliers(problem)
        _bounded(progress, bound(problem, prices))
        if progress.finished:
            return progress
        best = progress.best if progress.best < INFINITE else None
        problem = tightened(problem, prices, best)
        prices = multipliers(problem)
        chosen = tables(problem, prices, coarse=limit == FIRST_NODES)
        Search(problem, chosen, progress).run(node_limit=limit, deadline=deadline)
        if progress.finished or time.perf_counter() > deadline:
            return progress
        limit *= GROWTH


def _bounded(progress: Progress, least: int | None) -> None:
    """Take in a bound of every point that is still wanted; None: there is none."""
    if least is None or least >= progress.best:
        progress.bound, progress.finished = progress.best, True
    else:
        progress.bound = max(progress.bound, least)


def _outcome(
    program: Program, problem: CoverProblem, progress: Progress, seconds: float
) -> Outcome:
    if progress.values is None:
        status = Status.INFEASIBLE if progress.finished else Status.NOT_REACHED
        bound = None if progress.finished else progress.bound
        proof = (PROOF,) if progress.finished else ()
        return Outcome(status, bound=bound, solver=NAME, seconds=seconds, proof=proof)
    values = dict(progress.values)
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
