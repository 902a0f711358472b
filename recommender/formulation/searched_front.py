r"""Front of mixed plans by search between known points: thousands of points in a second.

    stretch  start .. end: all points between two points of the front by one bounded enumeration
             (solvers.front_search); one that takes too many nodes gives at best a point to cut at

Plans are the union of the programs of all theta and, under a limit on types, of all sets of as many
types: each is a program without that limit. Where the headroom covers the loss of the k largest
groups, (1 + h) D - k max rate >= D, the spare row holds anyway and there is one program.
Zones that sell the same are one place to the search (one_place): its points are those whose groups
can be divided over the zones. Only questions whose programs then have no columns but groups, and no
other loss or share of a class, are searched: there one covering row bounds well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import comb

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.one_place import OnePlace, in_one_place
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.solve_single_service import Solution
from recommender.formulation.spare_search import own_theta_of
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.program import Program
from recommender.solvers.cover.parts import parts as parts_of
from recommender.solvers.cover.problem import CoverProblem, read
from recommender.solvers.front_search.alike_zones import NO_ZONES
from recommender.solvers.front_search.between import between
from recommender.solvers.front_search.stretch import Part, Place, Stretch
from recommender.solvers.outcome import Outcome, Status

PROOF = "exact:front_search"
MOST_GIVEN_UP = 20
"""Then the bounds do not fit this question, and the rest goes solve by solve."""
MOST_PARTS = 150
"""Programs of all theta and sets of types: each search looks at all of them."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """A question as the search sees it.

    Attributes
    ----------
    programs
        By theta; of None without a spare row. Plans are checked against them.
    parts
        What is searched.
    one_place
        Where zones sell the same: the search knows them as one, plans are divided afterwards.
    """

    question: SingleService
    first: Objective
    second: Objective
    programs: dict[int | None, Program]
    parts: tuple[Part, ...]
    one_place: OnePlace | None = None

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
        question, counts = self.question, dict(place.values)
        if self.one_place is not None:
            counts = self.one_place.apart(counts)
        theta = None if None in self.programs else own_theta_of(question, counts)
        values = _with_switches(self.programs[theta], counts)
        broken = self.programs[theta].broken_rows(values)
        if broken:
            raise AssertionError(f"the search returned a plan that breaks {', '.join(broken)}")
        used = [g for g in question.columns if g.name in counts]
        return Solution(
            counts=counts,
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
    if not asked.columns:
        return None
    thetas = _thetas(asked)
    place = in_one_place(asked)
    plain = asked if place is None else place.question
    if plain.survive or plain.compares_rates or _sets_of_types(plain) * len(thetas) > MOST_PARTS:
        return None
    programs = {t: program(asked, objective=first, theta=t) for t in thetas}
    searched = programs
    if place is not None:
        searched = {t: place.program(first, t) for t in thetas}
    weights = {g.name: ATTRIBUTES[second](g) for g in plain.columns}
    problems = [part for whole in searched.values() for part in parts_of(read(whole))]
    names = {name for problem in problems for name in problem.names}
    limited = any(p.types_allowed < max(p.type_of, default=0) + 1 for p in problems)
    if limited or not names <= {*weights}:
        return None
    parts = tuple(
        Part(
            _with_budget_row(p),
            tuple(weights[name] for name in p.names),
            NO_ZONES if place is None else place.of(p.names),
        )
        for p in problems
    )
    usable = all(part.usable() for part in parts)
    return Stretches(asked, first, second, programs, parts, place) if usable else None


def _sets_of_types(question: SingleService) -> int:
    """Sets of as many types as a plan may have; 0 without that limit."""
    types = len({g.group.accelerator for g in question.columns})
    most = question.max_types
    return 0 if most is None or most >= types else comb(types, most)


def _with_switches(program: Program, counts: Mapping[str, int]) -> dict[str, int]:
    """A plan with its switches: ``n <= U z`` asks for z, ``z <= sum n`` allows it."""
    switches = {c.name for c in program.columns if c.upper == 1 and c.cost == 0} - {*counts}
    links = [
        (name, row)
        for row in program.rows
        if row.sense == "<=" and row.rhs == 0
        for name in switches & {*row.coefficients}
    ]
    used = {
        name: 1
        for name, row in links
        if any(counts.get(p, 0) for p in row.coefficients if p not in switches)
    }
    return {**counts, **used}


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
