r"""Front of mixed plans by search between known points: thousands of points in a second.

    stretch  start .. end: all points between two points of the front by one bounded enumeration
             (solvers.front_search); one that takes too many nodes gives at best a point to cut at

Plans are the union of the programs of all theta and, under a limit on types, of all sets of as many
types: each is a program without that limit. Where the headroom covers the loss of the k largest
groups, (1 + h) D - k max rate >= D, the spare row holds anyway and there is one program.
Only questions whose programs then have no columns but groups, and no loss or share of a class, are
searched: there one covering row bounds well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.solve_single_service import Solution
from recommender.formulation.spare_search import own_theta_of
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.program import Program
from recommender.solvers.cover.parts import parts as parts_of
from recommender.solvers.cover.problem import CoverProblem, read
from recommender.solvers.front_search.between import Part, Place, Stretch, between
from recommender.solvers.outcome import Outcome, Status

PROOF = "exact:front_search"
MOST_GIVEN_UP = 20
"""Then the bounds do not fit this question, and the rest goes solve by solve."""
MOST_PARTS = 150
"""Programs of all theta and sets of types: each search looks at all of them."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """A question as the search sees it; `programs` by theta, None without a spare row."""

    question: SingleService
    first: Objective
    second: Objective
    programs: dict[int | None, Program]
    parts: tuple[Part, ...]

    def between(self, start: Solution, end: Solution, *, deadline: float) -> Stretch:
        """Points of the front between two of its points, or where to cut the stretch."""
        return between(self.parts, self.place(start), self.place(end), deadline=deadline)

    def place(self, solution: Solution) -> Place:
        """Where a plan is, in canonical units."""
        columns = {g.name: g for g in replace(self.question, prune=False).columns}

        def total(axis: Objective) -> int:
            return sum(ATTRIBUTES[axis](columns[p]) * n for p, n in solution.counts.items())

        return Place(total(self.first), total(self.second), solution.counts)

    def solution(self, place: Place) -> Solution:
        """The point, re-checked in integers against the program of its own theta."""
        question = self.question
        theta = None if None in self.programs else own_theta_of(question, place.values)
        values = _with_switches(self.programs[theta], place.values)
        broken = self.programs[theta].broken_rows(values)
        if broken:
            raise AssertionError(f"the search returned a plan that breaks {', '.join(broken)}")
        used = [g for g in question.columns if g.name in place.values]
        return Solution(
            counts=place.values,
            groups={g.name: g.group for g in used},
            outcome=Outcome(
                Status.OPTIMAL,
                values=values,
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
    problems = [part for whole in programs.values() for part in parts_of(read(whole))]
    names = {name for problem in problems for name in problem.names}
    limited = any(p.types_allowed < max(p.type_of, default=0) + 1 for p in problems)
    if limited or len(problems) > MOST_PARTS or not names <= {*weights}:
        return None
    parts = tuple(
        Part(_with_budget_row(p), tuple(weights[name] for name in p.names)) for p in problems
    )
    usable = all(part.usable() for part in parts)
    return Stretches(asked, first, second, programs, parts) if usable else None


def _with_switches(program: Program, values: Mapping[str, int]) -> dict[str, int]:
    """A plan with the switches z that its links ``n <= U z`` ask for."""
    switches = {
        name: 1
        for row in program.rows
        if row.sense == "<=" and row.rhs == 0 and len(row.coefficients) == 2
        for name, a in row.coefficients.items()
        if a < 0 and any(values.get(other, 0) for other in row.coefficients if other != name)
    }
    return {**values, **switches}


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
