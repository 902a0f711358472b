r"""Our own exact method for covering programs: branch and bound with knapsack tables.

    read  ->  one problem, or one per choice of types  ->  by rising bound, each:
              (prices -> rule out columns -> tables -> search)  until nothing better is left

Complete and exact for every program with costs >= 0 and finite bounds, fast when few covering rows
decide (demand and spare) and the others are packing rows and a limit on types. No float takes part
in a bound or a comparison, so its `optimal` is a proof; limits give the best point and its bound.
"""

import time

from recommender.program.program import Program
from recommender.solvers.check import checked
from recommender.solvers.cover.levels import tables
from recommender.solvers.cover.multipliers import bound, multipliers, tightened
from recommender.solvers.cover.parts import parts
from recommender.solvers.cover.problem import INFINITE, CoverProblem, NotCovering, read
from recommender.solvers.cover.search import Progress, Search
from recommender.solvers.cover.start import starts
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
        progress = Progress(best=INFINITE if problem.cutoff is None else problem.cutoff + 1)
        least = _search(problem, progress, deadline=start + time_limit_s)
    except (NotCovering, OverflowError, MemoryError) as error:
        return Outcome(Status.FAILED, solver=NAME, message=f"{type(error).__name__}: {error}")
    return _outcome(program, problem, progress, least, time.perf_counter() - start)


def root_bound(program: Program) -> int | None:
    """A proven bound without search, in integers; None when the prices show infeasibility.

    0 for a program that is outside of what `solve` handles.
    """
    try:
        problem = read(program)
    except (NotCovering, OverflowError):
        return 0
    least = bound(problem, multipliers(problem))
    return None if least >= INFINITE else least


def _search(problem: CoverProblem, progress: Progress, *, deadline: float) -> int:
    """Bound of the program: the incumbent's cost when it is optimal (see `_close`)."""
    for start in starts(problem):
        progress.offer(start, problem.value(start))
    bounded = [(bound(part, multipliers(part)), part) for part in parts(problem)]
    least = progress.best
    for known, part in sorted(bounded, key=lambda entry: entry[0]):
        if known >= progress.best:
            break  # and so are all after it
        late = time.perf_counter() > deadline
        least = min(least, known if late else _close(part, progress, deadline=deadline))
    return min(least, progress.best)


def _close(problem: CoverProblem, progress: Progress, *, deadline: float) -> int:
    """Stages of a growing node limit; a better incumbent rules out more columns.

    Returns a bound: nothing in the problem costs less; not below the incumbent when it is closed.
    """
    least, limit = 0, FIRST_NODES
    while True:
        prices = multipliers(problem)
        least = max(least, bound(problem, prices))
        if least >= progress.best:
            return least
        best = progress.best if progress.best < INFINITE else None
        problem = tightened(problem, prices, best)
        prices = multipliers(problem)
        chosen = tables(problem, prices, coarse=limit == FIRST_NODES)
        search = Search(problem, chosen, progress)
        least = max(least, search.run(node_limit=limit, deadline=deadline))
        if least >= progress.best or time.perf_counter() > deadline:
            return least
        limit *= GROWTH


def _outcome(
    program: Program, problem: CoverProblem, progress: Progress, least: int, seconds: float
) -> Outcome:
    finished = least >= progress.best
    if progress.values is None:
        status = Status.INFEASIBLE if finished else Status.NOT_REACHED
        bound = None if finished else least
        proof = (PROOF,) if finished else ()
        return Outcome(status, bound=bound, solver=NAME, seconds=seconds, proof=proof)
    values = dict(progress.values)
    types = dict(zip(problem.names, problem.type_of, strict=True))
    if problem.type_column:
        values |= {problem.type_column[types[name]]: 1 for name in values}
    return checked(
        program,
        values,
        bound=least,
        optimal=finished,
        solver=NAME,
        seconds=seconds,
        proof=(PROOF,),
    )
