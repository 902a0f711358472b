r"""Parts: a limit on types, resolved by choosing the types.

    at most M of T types  =  union over the C(T, M) sets of M types, each without a limit

Each part has no limit left, so its row prices are those of a plain covering problem and its bound
is sharp. With too many sets the limit stays in one problem, whose tables count types themselves.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import comb

from recommender.solvers.cover.problem import CoverProblem, selected

MOST_PARTS = 300


def parts(problem: CoverProblem) -> Iterator[CoverProblem]:
    """Problems whose best point is the best of all of them."""
    types = max(problem.type_of, default=-1) + 1
    allowed = min(problem.types_allowed, types)
    if allowed < 0:
        return
    if allowed in (0, types) or comb(types, allowed) > MOST_PARTS:
        yield _without_limit(problem) if allowed == types else problem
        return
    for chosen in combinations(range(types), allowed):
        columns = [j for j, t in enumerate(problem.type_of) if t in chosen]
        yield _without_limit(selected(problem, columns))


def _without_limit(problem: CoverProblem) -> CoverProblem:
    return replace(problem, type_of=(0,) * len(problem.names), types_allowed=1)
