r"""Starting points: cheap feasible points, so that the first bound can rule columns out.

    one kind      x[j] = the fewest copies of j that meet every cover
    greedy        add the column with the least cost per share of the covers that it still meets,
                  then leave out what turned out superfluous

A point that breaks any row, or uses too many types, is not offered.
"""

from collections.abc import Iterator, Sequence

from recommender.solvers.cover.problem import CoverProblem

MOST_STEPS = 5000


def starts(problem: CoverProblem) -> Iterator[dict[str, int]]:
    """Feasible points; there may be none."""
    for j in range(len(problem.names)):
        x = [0] * len(problem.names)
        x[j] = _alone(problem, j)
        yield from _if_feasible(problem, x)
    yield from _if_feasible(problem, _greedy(problem))


def _alone(problem: CoverProblem, j: int) -> int:
    needs = [
        -(-problem.rhs[r] // problem.rows[r][j]) if problem.rows[r][j] else problem.upper[j] + 1
        for r in problem.covers
    ]
    return max(needs, default=0)


def _greedy(problem: CoverProblem) -> list[int]:
    """Whole runs of the best column at a time, while it stays the best."""
    x = [0] * len(problem.names)
    for _ in range(MOST_STEPS):
        left = {r: _slack(problem, r, x) for r in problem.covers}
        left = {r: s for r, s in left.items() if s < 0}
        usable = [j for j in range(len(x)) if x[j] < problem.upper[j] and _helps(problem, j, left)]
        if not left or not usable:
            break
        j = min(usable, key=lambda j: _price(problem, j, left))
        runs = [s // problem.rows[r][j] for r, s in left.items() if problem.rows[r][j]]
        x[j] += max(1, min([*runs, problem.upper[j] - x[j]]))
    for j in sorted(range(len(x)), key=lambda j: -problem.cost[j]):
        while x[j] and _feasible(problem, [n - (i == j) for i, n in enumerate(x)]):
            x[j] -= 1
    return x


def _helps(problem: CoverProblem, j: int, left: dict[int, int]) -> bool:
    return any(problem.rows[r][j] for r in left)


def _price(problem: CoverProblem, j: int, left: dict[int, int]) -> float:
    """Cost per share of what is left of the covers."""
    share = sum(min(1.0, problem.rows[r][j] / s) for r, s in left.items())
    return problem.cost[j] / share


def _slack(problem: CoverProblem, r: int, x: Sequence[int]) -> int:
    return problem.rhs[r] - sum(a * n for a, n in zip(problem.rows[r], x, strict=True) if n)


def _feasible(problem: CoverProblem, x: Sequence[int]) -> bool:
    used = {t for t, n in zip(problem.type_of, x, strict=True) if n}
    return (
        len(used) <= problem.types_allowed
        and all(n <= u for n, u in zip(x, problem.upper, strict=True))
        and all(_slack(problem, r, x) >= 0 for r in range(len(problem.rows)))
    )


def _if_feasible(problem: CoverProblem, x: Sequence[int]) -> Iterator[dict[str, int]]:
    if _feasible(problem, x):
        yield {name: n for name, n in zip(problem.names, x, strict=True) if n}
