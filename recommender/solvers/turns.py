r"""Methods in turn on one program, each asked to beat what the ones before it found.

    few rows decide      exact_cover for a moment, then CP-SAT, then exact_cover with more time
    several rows         CP-SAT, then exact_cover
    rows of both signs   CP-SAT and SCIP for a moment, before the others: shares of sellers beside
                         racks that are lost took CP-SAT 5 s and more, and SCIP one
    many rows            CP-SAT
    neither closes it    SCIP, whose claim somebody exact has to confirm; then the exact ones again
    a solver failed      what time is left goes to exact_cover, up to a few hundred rows

    each turn     program and  c x <= best - 1        best: cost of the best point so far
    no point      best is the optimum, and the method of this turn stands for it
    a point       best falls
    bound         largest of all turns (of the program with that row:  min(best, bound))

What one method found is never lost: when the time is up, the best point and the largest bound of
all of them are the outcome. A foreign solver reads the program before its own clock starts: that is
taken off its time, and it is not asked where nothing would be left.
"""

import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.registry import Solver, available

EXACT_PREFIX = "exact:"
OWN = "exact_cover"
EXACT = (OWN, "cpsat")
FEW_COVERS = 3
"""demand, spare and theta: what exact_cover closes at once."""
MANY_ROWS = 60
"""More than so many, links to types aside, are none of its business: its relaxation is dense."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A solver and its longest time [s]."""

    solver: str
    most_s: float


MOMENT = Turn("exact_cover", 0.1)
LAST = (
    Turn("cpsat", 5.0),
    Turn("exact_cover", 2.0),
    Turn("scip", 10.0),
    Turn("cpsat", 20.0),
    Turn("exact_cover", 20.0),
    Turn("cpsat", 1e9),
)
IF_MIXED = (Turn("cpsat", 1.0), Turn("scip", 3.0))
READ_S = 2.5e-6
"""To hand a coefficient over and to read it, measured up to 3 million of them [s]."""
MOST_ROWS = 300
"""Beyond so many, exact_cover takes longer to begin than it may have left."""
IF_ANY_FAILED = Turn("exact_cover", 1e9)
WITHOUT_OTHERS = (Turn("exact_cover", 1e9),)


def turns_for(program: Program) -> tuple[Turn, ...]:
    """Who is asked, in order; solvers that are not installed are left out."""
    if not {"cpsat", "scip"} & {*available()}:
        return WITHOUT_OTHERS
    binary = {c.name for c in program.columns if c.upper == 1 and c.cost == 0}
    rows = [row for row in program.rows if not _is_link(row, binary)]
    mixed = any(_is_mixed(row) for row in rows)
    first = IF_MIXED if mixed else ()
    if len(rows) > MANY_ROWS:
        return (*first, *(turn for turn in LAST if turn.solver != OWN))
    covers = sum(row.sense == ">=" and row.rhs > 0 for row in rows)
    few = covers <= FEW_COVERS and not mixed
    return (MOMENT, *LAST) if few else (*first, *LAST)


def take_turns(
    program: Program,
    turns: Sequence[Turn],
    *,
    deadline: float,
    get: Callable[[str], Solver],
) -> Outcome:
    """The first decided outcome, or the best point and bound of all at `deadline`."""
    known = Known()
    for turn in (*turns, IF_ANY_FAILED):
        left_s = deadline - time.perf_counter()
        if turn.solver != OWN:
            left_s -= READ_S * sum(len(row.coefficients) for row in program.rows)
        if turn.solver not in available() or (left_s <= 0 and not _is_first_and_quick(turn, known)):
            continue
        if turn is IF_ANY_FAILED and not (known.foreign_failed and len(program.rows) <= MOST_ROWS):
            break
        best = known.point.objective
        asked = program if best is None else cheaper_than(program, best)
        known.learn(get(turn.solver)(asked, time_limit_s=max(0.01, min(turn.most_s, left_s))))
        if known.decided is not None:
            return known.decided
    return known.outcome()


def _is_first_and_quick(turn: Turn, known: "Known") -> bool:
    """What reads as it goes may still find something in no time at all."""
    return not known.asked and turn.solver == OWN


@dataclass(slots=True)
class Known:
    """What the turns so far found.

    Attributes
    ----------
    point
        The outcome with the best point; without a point at first.
    exact_bound, other_bound
        Largest bound by an exact method, and by any other: one word, taken when there is none.
    decided
        The outcome, once somebody decided.
    """

    point: Outcome = field(default_factory=lambda: Outcome(Status.NOT_REACHED))
    exact_bound: int | None = None
    other_bound: int | None = None
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    decided: Outcome | None = None

    def learn(self, found: Outcome) -> None:
        """Take in the outcome of a turn, that was asked for points cheaper than `point`."""
        self.seconds += found.seconds
        self.asked.append(found.solver)
        if found.status is Status.FAILED:
            self.failures.append(f"{found.solver}: {found.message}")
            return
        if found.status in (Status.OPTIMAL, Status.INFEASIBLE):
            claim = self._with_claim(found)
            proven = any(name.startswith(EXACT_PREFIX) for name in claim.proof)
            message = "" if proven else self._failures  # who could have proven it, and failed
            self.decided = replace(claim, seconds=self.seconds, message=message)
            return
        if found.objective is not None:
            self.point = found
        if found.bound is not None and found.solver in EXACT:
            self.exact_bound = max(self.exact_bound or 0, found.bound)
        elif found.bound is not None:
            self.other_bound = max(self.other_bound or 0, found.bound)

    def _with_claim(self, found: Outcome) -> Outcome:
        if found.status is Status.OPTIMAL or self.point.objective is None:
            return found
        best = self.point.objective  # nothing cheaper: it is the optimum
        return replace(self.point, status=Status.OPTIMAL, bound=best, proof=found.proof)

    def outcome(self) -> Outcome:
        """The best point and bound of all; failed when every solver failed."""
        bound = self.other_bound if self.exact_bound is None else self.exact_bound
        objective = self.point.objective
        if bound is not None and objective is not None:
            bound = min(bound, objective)
        failed = bool(self.failures) and len(self.failures) == len(self.asked)
        return replace(
            self.point,
            status=Status.FAILED if failed else self.point.status,
            bound=bound,
            solver=self.point.solver or ", ".join(dict.fromkeys(self.asked)),
            seconds=self.seconds,
            message=self._failures,
        )

    @property
    def foreign_failed(self) -> bool:
        """Whether a solver failed that is not ours."""
        return any(not failure.startswith(IF_ANY_FAILED.solver) for failure in self.failures)

    @property
    def _failures(self) -> str:
        return "; ".join(dict.fromkeys(self.failures))


def cheaper_than(program: Program, objective: int) -> Program:
    """The program over points that cost less."""
    cost = {c.name: c.cost for c in program.columns if c.cost}
    return replace(program, rows=(*program.rows, Row("cheaper", cost, "<=", objective - 1)))


def _is_link(row: Row, binary: AbstractSet[str]) -> bool:
    """``x <= U z`` with a switch z: exact_cover folds it away."""
    switches = [name for name in row.coefficients if name in binary]
    return len(row.coefficients) == 2 and len(switches) == 1 and row.rhs == 0


def _is_mixed(row: Row) -> bool:
    """Neither covers nor packs."""
    values = row.coefficients.values()
    return min(values, default=0) < 0 < max(values, default=0)
