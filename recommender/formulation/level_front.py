r"""Exact front of cost over a grid of levels (of latency): few solves by bisection.

    z(l) = least cost when every group's rate is its largest rate at level l
    front = { (l, z(l)) : z falls at l }

A looser level never costs more: rates rise with the level, so z falls or stays. Where z is equal
at both ends of an interval it is constant between them, and no solve is needed there; otherwise
the interval is halved. Exact for the grid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.solvers.outcome import Status


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """The cheapest plan at the tightest level that it is the cheapest for."""

    level: float
    solution: Solution


def level_front(
    question_at: Callable[[float], SingleService],
    levels: Sequence[float],
    *,
    solve: Callable[[SingleService], Solution] = solve_single_service,
) -> list[LevelPoint]:
    """Points by rising level, falling cost; `levels` rise, `question_at` gives their programs.

    Raises
    ------
    ValueError
        When a looser level costs more: then the rates of `question_at` are not monotone.
    """
    solved: dict[int, Solution] = {}

    def at(position: int) -> float:
        if position not in solved:
            solved[position] = solve(question_at(levels[position]))
        return _cost(solved[position])

    def halve(low: int, high: int) -> None:
        if at(low) < at(high):
            raise ValueError(f"level {levels[high]} costs more than {levels[low]}")
        if high - low > 1 and at(low) != at(high):
            middle = (low + high) // 2
            halve(low, middle)
            halve(middle, high)

    if levels:
        halve(0, len(levels) - 1)
    points: list[LevelPoint] = []
    for position in sorted(solved):
        best = _cost(points[-1].solution) if points else float("inf")
        if _cost(solved[position]) < best:
            points.append(LevelPoint(levels[position], solved[position]))
    return points


def _cost(solution: Solution) -> float:
    """Of an optimum; infinite when there is no plan."""
    outcome = solution.outcome
    if outcome.status is Status.INFEASIBLE:
        return float("inf")
    if outcome.status is not Status.OPTIMAL or outcome.objective is None:
        raise ValueError(f"a level was not decided: {outcome.status.value} {outcome.message}")
    return outcome.objective
