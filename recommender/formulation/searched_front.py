r"""Front of mixed plans by search between known points: thousands of points in a second.

    start    least first objective, then second         end    least second, then first
    stretch  start .. end: all points between by one bounded enumeration (solvers.front_search)
    given up a stretch that takes too many nodes is cut at half of its second objective:
             the least first objective below it is a point of the front, by an exact solve

Plans are the union over theta of its programs; where the headroom covers the loss of the k largest
groups, (1 + h) D - k max rate >= D, the spare row holds anyway and there is one program.
Only questions whose programs have no columns but groups, and no row on classes, are searched: there
covering rows bound well. Points are certified in the order of falling second objective.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.single_service import Objective, SingleService, program
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.solve_single_service import Solution
from recommender.formulation.spare_search import own_theta_of
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.program import Program
from recommender.solvers.cover.problem import CoverProblem, read
from recommender.solvers.front_search.between import Part, Place, between
from recommender.solvers.outcome import Outcome, Status

PROOF = "exact:front_search"
MOST_GIVEN_UP = 20
"""Then the bounds do not fit this question, and the rest goes solve by solve."""

Below = Callable[[int], Solution | None]
"""Limit of the second objective -> the point of the front with the least first; None: no time."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """A question as the search sees it; `programs` by theta, None without a spare row."""

    question: SingleService
    first: Objective
    second: Objective
    programs: dict[int | None, Program]
    parts: tuple[Part, ...]

    def after(
        self, start: Solution, end: Solution, *, below: Below, deadline: float
    ) -> Iterator[Solution]:
        """Points of the front after `start`, in order; up to `end` unless time is up."""
        ends, given_up = [end], 0
        while ends and time.perf_counter() < deadline:
            goal = ends[-1]
            at, to = self.place(start).second, self.place(goal).second
            if at == to:
                ends.pop()
                continue
            if given_up < MOST_GIVEN_UP:
                found = between(self.parts, self.place(start), self.place(goal), deadline=deadline)
                if found.points is not None:
                    yield from [*(self._solution(place) for place in found.points), goal]
                    start = goal
                    continue
                if found.cut is not None:
                    ends.append(self._solution(found.cut))
                    continue
            given_up += 1
            half = (at + to) // 2 if given_up < MOST_GIVEN_UP else at - 1
            point = below(half)
            if point is not None and self.place(point).second == to and half < at - 1:
                half, point = at - 1, below(at - 1)  # nothing in the lower half: go by one point
            if point is None:
                return
            if half < at - 1:
                ends.append(point)
            else:
                yield point
                start = point

    def place(self, solution: Solution) -> Place:
        """Where a plan is, in canonical units."""
        columns = {g.name: g for g in replace(self.question, prune=False).columns}

        def total(axis: Objective) -> int:
            return sum(ATTRIBUTES[axis](columns[p]) * n for p, n in solution.counts.items())

        return Place(total(self.first), total(self.second), solution.counts)

    def _solution(self, place: Place) -> Solution:
        """The point, re-checked in integers against the program of its own theta."""
        question = self.question
        theta = None if None in self.programs else own_theta_of(question, place.values)
        broken = self.programs[theta].broken_rows(place.values)
        if broken:
            raise AssertionError(f"the search returned a plan that breaks {', '.join(broken)}")
        used = [g for g in question.columns if g.name in place.values]
        return Solution(
            counts=place.values,
            groups={g.name: g.group for g in used},
            outcome=Outcome(
                Status.OPTIMAL,
                values=place.values,
                objective=place.first,
                bound=place.first,
                solver="front_search",
                proof=(PROOF,),
            ),
            theta_per_s=None if theta is None else question.unit.per_s(theta),
            program=self.programs[theta],
            rounding_loss=rounding_loss(used, question.unit),
        )


def stretches(question: SingleService, *, first: Objective, second: Objective) -> Stretches | None:
    """The question for the search; None where its bounds would not fit."""
    asked = replace(question, objectives=(first, second))
    if asked.survive or asked.compares_rates or not asked.columns:
        return None
    programs = {t: program(asked, objective=first, theta=t) for t in _thetas(asked)}
    weights = {g.name: ATTRIBUTES[second](g) for g in asked.columns}
    if any(c.name not in weights for p in programs.values() for c in p.columns):
        return None
    problems = [_with_budget_row(read(p)) for p in programs.values()]
    parts = tuple(Part(p, tuple(weights[name] for name in p.names)) for p in problems)
    usable = all(part.usable() for part in parts)
    return Stretches(asked, first, second, programs, parts) if usable else None


def _with_budget_row(problem: CoverProblem) -> CoverProblem:
    """A limit on the first objective as a row like any other."""
    if problem.cutoff is None:
        return problem
    at = len(problem.rows)
    return replace(
        problem,
        rows=(*problem.rows, problem.cost),
        rhs=(*problem.rhs, problem.cutoff),
        packs=(*problem.packs, at),
        cutoff=None,
    )


def _thetas(question: SingleService) -> list[int | None]:
    """Without spare row where the headroom covers any loss."""
    largest = max(g.rate for g in question.columns)
    if question.required - question.failures * largest >= RATE_UNITS_PER_DEMAND:
        return [None]
    return [*question.thetas()]
