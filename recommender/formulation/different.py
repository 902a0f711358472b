r"""The k best different plans: each uses a set of classes that no other of them uses.

    V(plan)   set of values of a class (accelerator types, providers, ...) that the plan uses
    different plans have different V

Lawler's partition: the plans with V != V* are the union of
    without v         for each v in V*: none of v's groups is bought
    with more         something outside V* is bought (row `other`)
each again a question with its own optimum; the best of all waiting questions is the next plan.
Sets are remembered, so a plan that two questions share is counted once.

Every plan returned is optimal among those that differ from all before it.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace

from recommender.formulation.classes import ClassName, class_of
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.solvers.outcome import Status

Solve = Callable[[SingleService], Solution]


def different_plans(
    question: SingleService,
    *,
    by: ClassName = "accelerator",
    solve: Solve = solve_single_service,
) -> Iterator[Solution]:
    """Plans by rising objective, each with another set of classes; ends when there is no more.

    A solve that is not decided in its time ends the series: what came before stays proven.
    """
    waiting: list[tuple[int, int, SingleService, Solution]] = []
    seen: set[frozenset[str]] = set()
    number = 0

    def wait(part: SingleService) -> bool:
        nonlocal number
        solution = solve(part)
        number += 1
        if solution.outcome.status is Status.OPTIMAL:
            entry = (solution.outcome.objective or 0, number, part, solution)
            heapq.heappush(waiting, entry)
        return solution.outcome.status in (Status.OPTIMAL, Status.INFEASIBLE)

    decided = wait(question)
    while waiting and decided:
        _, _, part, solution = heapq.heappop(waiting)
        used = frozenset(class_of(g, by) for g in solution.groups.values())
        if used not in seen:
            seen.add(used)
            yield solution
        decided = all([wait(other) for other in _others(part, used, by)])


def _others(part: SingleService, used: frozenset[str], by: ClassName) -> Iterator[SingleService]:
    """Questions that together hold every plan of the part whose set is another one."""
    for value in sorted(used):
        rest = tuple(g for g in part.groups if class_of(g, by) != value)
        yield replace(part, groups=rest)
    outside = {class_of(g, by) for g in part.groups} - used
    if outside:
        yield replace(part, need_one_of=(*part.need_one_of, (by, tuple(sorted(outside)))))
