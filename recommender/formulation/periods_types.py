r"""At most M accelerator types over a day: a search over which types may be bought.

    bound(A)  =  least cost of the day with the types A, without the limit        falls as A grows
    node      =  types that are in, types A that may be;  split on a type of the plan of A:
                 it is in,  or  it is left out;   with M types in, A is these

    leaf      no starts: the plan of A has at most M types, and is the best of all within A
              starts:    A has at most M types; its day is solved by rounds (`periods_started`)

Nodes are taken by rising bound, so the first that is not below the best plan ends the search. The
day without the limit comes apart into periods, or is bounded by them (`periods_started`); a period
is solved again only where a type of its plan is left out. Every bound is proven like a plan.
"""

import heapq
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from recommender.formulation import periods_started
from recommender.formulation.classes import class_of
from recommender.formulation.periods import Block, OverDay
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.formulation.spare_search import left
from recommender.solvers.outcome import Outcome
from recommender.solvers.prove import is_proven

Types = frozenset[str]
Fleets = Mapping[Block, Mapping[str, int]]


def is_searchable(question: OverDay) -> bool:
    """Whether types are all that couples periods, or types and starts, for least cost."""
    if question.service.max_types is None or question.service.objectives[0] != "cost":
        return False
    if len(question.service.objectives[: question.stated]) > 1:
        return False  # later objectives only choose among plans of the types that are found
    free = _with(question, types_of(question))
    return free.decomposes or periods_started.is_searchable(free)


def types_of(question: OverDay) -> Types:
    """Accelerator types of all groups."""
    return frozenset(class_of(group, "accelerator") for group in question.kept)


@dataclass(frozen=True, slots=True)
class Typed:
    """The best plan so far, or none; `bound`: no day costs less; None where nothing is known."""

    fleets: Fleets | None
    bound: int | None
    parts: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """A period's optimum with some types: reused while `used` are among those that are left."""

    allowed: Types
    used: Types
    solution: Solution


Periods = dict[Block, Alone]


@dataclass
class Search:
    """One search; `solved` holds what is known of each period."""

    question: OverDay
    solver: str | None
    deadline: float
    solved: dict[Block, list[Alone]] = field(default_factory=dict)
    best: Fleets | None = None
    cost: int | None = None
    types: Types = frozenset()
    open_bounds: list[int] = field(default_factory=list)

    def run(self) -> Typed:
        """Types in and out, by rising bound."""
        most = self.question.service.max_types or 0
        order = count()
        heap = [(0, next(order), frozenset[str](), types_of(self.question))]
        while heap:
            below, _, required, allowed = heapq.heappop(heap)
            if self._is_beaten(below):
                break
            try:
                periods = self._periods(allowed)
            except TimeoutError:
                self.open_bounds.append(below)
                break
            if periods is None:
                continue  # no plan with these types
            bound = max(below, self._bound(allowed, periods))
            if self._is_beaten(bound):
                continue
            used = frozenset[str]().union(*(p.used for p in periods.values()))
            if self._is_leaf(allowed, used):
                self._take(allowed, used, periods, bound)
                continue
            for types_in, types_left in _split(required, allowed, used, most):
                heapq.heappush(heap, (bound, next(order), types_in, types_left))
        return self._found()

    def _is_beaten(self, bound: int) -> bool:
        return self.cost is not None and bound >= self.cost

    def _found(self) -> Typed:
        parts = tuple(a.solution.outcome for known in self.solved.values() for a in known)
        closed = [] if self.cost is None else [self.cost]
        bound = min([*self.open_bounds, *closed], default=None)
        return Typed(self._ties_broken(), bound, parts)

    def _periods(self, allowed: Types) -> Periods | None:
        """Each period alone; None where one has no plan, by a proof; raises TimeoutError."""
        if time.perf_counter() > self.deadline:
            raise TimeoutError
        question = _with(self.question, allowed)
        found: dict[Block, Alone] = {}
        for block in question.busy:
            known = self.solved.setdefault(block, [])
            again = next((a for a in known if a.used <= allowed <= a.allowed), None)
            if again is None:
                again = self._solve(question, block, allowed)
                known.append(again)
            if not again.solution.counts:
                return None
            found[block] = again
        return found

    def _solve(self, question: OverDay, block: Block, allowed: Types) -> Alone:
        at = replace(question.at(block), objectives=("cost",))
        solution = solve_single_service(at, solver=self.solver, time_limit_s=left(self.deadline))
        if not is_proven(solution.outcome):
            raise TimeoutError
        used = frozenset(class_of(group, "accelerator") for group in solution.groups.values())
        return Alone(allowed, used, solution)

    def _bound(self, allowed: Types, periods: Periods) -> int:
        least = _least(periods)
        if self.question.start_up_min:
            day = _with(self.question, allowed)
            return periods_started.Search(day, least, self.deadline).bound
        return sum(self.question.weight(block) * value for block, value in least.items())

    def _is_leaf(self, allowed: Types, used: Types) -> bool:
        most = self.question.service.max_types or 0
        return len(allowed if self.question.start_up_min else used) <= most

    def _take(self, allowed: Types, used: Types, periods: Periods, bound: int) -> None:
        """The plan of a leaf, and its bound where it is not closed."""
        if not self.question.start_up_min:
            self.best = {block: alone.solution.counts for block, alone in periods.items()}
            self.cost, self.types = bound, used
            return
        day = _with(self.question, allowed)
        found = periods_started.Search(day, _least(periods), self.deadline, beat=self.cost).run()
        if found is None:
            self.open_bounds.append(bound)
            return
        if found.bound < found.cost:
            self.open_bounds.append(found.bound)
        if self.cost is None or found.cost < self.cost:
            self.best, self.cost = found.fleets, found.cost

    def _ties_broken(self) -> Fleets | None:
        """The best plan; without starts each period the best of its cost in later objectives."""
        if self.best is None or self.question.start_up_min:
            return self.best
        day = _with(self.question, self.types)
        fleets = {}
        for block, counts in self.best.items():
            limit_s = left(self.deadline)
            better = solve_single_service(day.at(block), solver=self.solver, time_limit_s=limit_s)
            is_as_cheap = better.gap == 0  # out of time, a plan may be dearer than what is proven
            fleets[block] = better.counts if is_as_cheap else counts
        return fleets


def _least(periods: Periods) -> dict[Block, int]:
    return {block: alone.solution.outcome.objective or 0 for block, alone in periods.items()}


def _split(
    required: Types, allowed: Types, used: Types, most: int
) -> Iterator[tuple[Types, Types]]:
    """Types in and types that may be, of both children."""
    candidates = sorted(used - required) or sorted(allowed - required)
    chosen = candidates[0]
    types_in = required | {chosen}
    yield types_in, types_in if len(types_in) == most else allowed
    yield required, allowed - {chosen}


def _with(question: OverDay, allowed: Types) -> OverDay:
    """The day with these types, and without a limit on them."""
    service = question.service
    groups = tuple(g for g in service.groups if class_of(g, "accelerator") in allowed)
    return replace(question, service=replace(service, groups=groups, max_types=None))
