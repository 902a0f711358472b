r"""The search over the whole program of a day, for one objective.

    1. without spare rows;   2. with those of the periods whose fleet does not survive its worst
    losses;   again, until every fleet survives

Every one of these programs is a relaxation of the whole one, so that an optimum in which every
fleet survives is the optimum, and where one holds nothing cheaper than the incumbent, that is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recommender.formulation.limits import rates
from recommender.formulation.periods import Block, OverDay, column_of, weights_in
from recommender.formulation.periods_incumbent import Incumbent, point
from recommender.formulation.periods_program import program_over_day
from recommender.formulation.single_service import Objective
from recommender.formulation.spare_search import AT_ONCE, LEAST_S, left
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.constraints.spare import rate_after_worst_losses
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status


@dataclass(frozen=True, slots=True)
class Found:
    """The best point of a program, and how sure that is."""

    program: Program
    outcome: Outcome


@dataclass
class Run:
    """One solve of a day: what it may use, which spare rows it needed, how many programs it took.

    Attributes
    ----------
    deadline
        In seconds of `time.perf_counter`.
    spare
        Periods whose spare rows have been needed so far.
    """

    question: OverDay
    solver: str | None
    deadline: float
    spare: frozenset[str] = frozenset()
    solves: int = 0

    def minimise(
        self,
        objective: Objective,
        *,
        at_peak: bool,
        fixed: Sequence[Row],
        known: Incumbent | None,
    ) -> Found:
        """Least value of an objective; `known` is an incumbent for the first one."""
        start = None if known is None else self._start(objective, known)
        if start is not None and start.outcome.status is Status.OPTIMAL:
            return start
        cheaper = [] if start is None else [_cheaper(start)]
        if known is not None and objective == "cost":
            cheaper += _least_per_period(self.question, known.least)
        late = left(self.deadline) <= LEAST_S
        if late and len(self.question.service.groups) > AT_ONCE:
            return start or Found(Program((), ()), Outcome(Status.NOT_REACHED))
        while True:
            program = program_over_day(
                self.question, objective=objective, at_peak=at_peak, spare=self.spare, extra=fixed
            )
            limited = replace(program, rows=(*program.rows, *cheaper))
            seconds = left(self.deadline)
            outcome = prove.solve(limited, solver=self.solver, time_limit_s=seconds)
            self.solves += 1
            failing = _failing(self.question, outcome.values) if outcome.values else frozenset()
            if not failing:
                break
            self.spare |= failing
        if start is None:
            return Found(program, outcome)
        return _better(start, Found(program, outcome))

    def _start(self, objective: Objective, known: Incumbent) -> Found | None:
        """The cheapest incumbent in the program without spare rows, which its fleets meet."""
        if known.fleets is None and known.elastic is None:
            return None
        program = program_over_day(self.question, objective=objective)
        points = [
            values
            for fleets in (known.fleets, known.elastic)
            if fleets is not None
            and (values := point(self.question, program, fleets)) is not None
            and not _failing(self.question, values)
        ]
        if not points:
            return None
        values = min(points, key=program.objective)
        cost = program.objective(values)
        if known.bound > cost:
            raise AssertionError(
                f"a day of {cost} is below what periods alone claim: {known.bound}"
            )
        closed = known.bound == cost
        return Found(
            program,
            Outcome(
                Status.OPTIMAL if closed else Status.FEASIBLE,
                values=values,
                objective=cost,
                bound=known.bound,
                solver=known.parts[-1].solver,
                proof=prove.combined(known.parts) if closed else (),
            ),
        )


def fleet_in(question: OverDay, block: Block, values: Mapping[str, int]) -> dict[str, int]:
    """Group name -> number in a period; committed groups stay where there is no demand."""
    if not values:
        return {}
    if block not in question.busy:
        committed = {g.name for g in question.kept if g.committed}
        return {name: n for name, n in values.items() if name in committed}
    named = {column_of(g, block): g.name for g in question.at(block).columns}
    return {name: values[column] for column, name in named.items() if values.get(column)}


def _least_per_period(question: OverDay, least: Mapping[Block, int]) -> Iterator[Row]:
    """What each period costs at least, by a proof: the linear relaxation alone does not know."""
    for block, value in least.items():
        yield Row(f"least in {block.name}", weights_in(question, "cost", block), ">=", value)


def _cheaper(start: Found) -> Row:
    cost = {c.name: c.cost for c in start.program.columns if c.cost}
    return Row("cheaper", cost, "<=", (start.outcome.objective or 0) - 1)


def _better(start: Found, found: Found) -> Found:
    """What was found under the incumbent's cost, or the incumbent with what that says of it."""
    outcome = found.outcome
    if outcome.status is Status.INFEASIBLE:  # nothing is cheaper: the incumbent is the optimum
        claim = replace(
            start.outcome,
            status=Status.OPTIMAL,
            bound=start.outcome.objective,
            solver=outcome.solver,
            proof=outcome.proof,
        )
        return replace(start, outcome=claim)
    bounds = [b for b in (start.outcome.bound, outcome.bound) if b is not None]
    best = found if outcome.values else start
    if best.outcome.status is Status.OPTIMAL:
        return best
    return replace(best, outcome=replace(best.outcome, bound=max(bounds, default=None)))


def _failing(question: OverDay, values: Mapping[str, int]) -> frozenset[str]:
    """Periods whose fleet does not survive its worst losses."""
    return frozenset(
        block.name
        for block in question.busy
        if rate_after_worst_losses(
            rate=rates(question.at(block).columns),
            counts=fleet_in(question, block, values),
            failures=question.service.failures,
        )
        < RATE_UNITS_PER_DEMAND
    )
