r"""Proof: an optimum counts as proven when an exact integer method stands for its bound.

    exact methods    exact_cover (knapsack tables, integers), cpsat (integers)
    float solvers    scip, highs, pulp:NAME: they may find the point; their bound is one word

Without a named solver: exact_cover; where it does not close in its share of the time, SCIP finds
the point, and the exact methods show that nothing is cheaper (a better point makes that easier).
With a named float solver: that one, then the exact methods on the same program.
Two methods that contradict each other are a failure, never a choice.
"""

from collections.abc import Sequence
from dataclasses import replace

from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.registry import available, get

EXACT_PREFIX = "exact:"
EXACT = ("exact_cover", "cpsat")
FIRST_SHARE = 0.3
FIRST_S = 5.0
"""Time that exact_cover has before SCIP is called: a share of all, and at most so many seconds."""
MANY_COVERS = 4
"""With more covering rows (losses of classes) the exact methods seldom close: they get little."""
LITTLE_S = 0.3
DECIDED = (Status.OPTIMAL, Status.INFEASIBLE)


def is_proven(outcome: Outcome) -> bool:
    """Whether an exact integer method stands for the outcome."""
    return outcome.status in DECIDED and any(p.startswith(EXACT_PREFIX) for p in outcome.proof)


def combined(parts: Sequence[Outcome]) -> tuple[str, ...]:
    """Proof of a statement that needs every part: exact only where each part is proven."""
    names = list(dict.fromkeys(name for part in parts for name in part.proof))
    if all(is_proven(part) for part in parts):
        return tuple(names)
    return tuple(name for name in names if not name.startswith(EXACT_PREFIX))


def proof_text(outcome: Outcome) -> str:
    """`exact_cover`, `scip + exact_cover`, `one solver`, or `` when nothing is claimed."""
    if outcome.status not in DECIDED:
        return ""
    if not is_proven(outcome):
        return "one solver"
    return " + ".join(p.removeprefix(EXACT_PREFIX) for p in outcome.proof)


def solve(program: Program, *, solver: str | None = None, time_limit_s: float = 60.0) -> Outcome:
    """Least cost, with as much proof as the time allows [s]."""
    if solver is None:
        return _automatic(program, time_limit_s)
    first = get(solver)(program, time_limit_s=time_limit_s)
    if first.status not in DECIDED or is_proven(first):
        return first
    return _confirmed(program, first, time_limit_s)


def _automatic(program: Program, time_limit_s: float) -> Outcome:
    first_s = min(FIRST_SHARE * time_limit_s, LITTLE_S if _many_covers(program) else FIRST_S)
    exact = get("exact_cover")(program, time_limit_s=first_s)
    if exact.status in DECIDED or "scip" not in available():
        return exact
    rest_s = (time_limit_s - first_s) / 2
    point = get("scip")(program, time_limit_s=rest_s)
    if point.status in DECIDED:
        return _confirmed(program, point, rest_s)
    return _better(exact, point)


def _confirmed(program: Program, claim: Outcome, time_limit_s: float) -> Outcome:
    """The claim with the exact methods that agree; a contradiction is a failure."""
    better = program if claim.objective is None else _cheaper_than(program, claim.objective)
    for name in EXACT:
        if name not in available():
            continue
        seconds = time_limit_s / len(EXACT)
        seconds = min(seconds, LITTLE_S) if _many_covers(program) else seconds
        second = get(name)(better, time_limit_s=seconds)
        if second.status is Status.INFEASIBLE:  # nothing cheaper exists: the claim is right
            return replace(claim, proof=(*claim.proof, *second.proof))
        if second.values:
            message = (
                f"{claim.solver} calls {claim.objective} {claim.status.value}, "
                f"but {second.solver} has a point at {second.objective}"
            )
            return replace(claim, status=Status.FAILED, proof=(), message=message)
    return claim


def _many_covers(program: Program) -> bool:
    return sum(row.sense == ">=" for row in program.rows) > MANY_COVERS


def _cheaper_than(program: Program, objective: int) -> Program:
    cost = {c.name: c.cost for c in program.columns if c.cost}
    return replace(program, rows=(*program.rows, Row("cheaper", cost, "<=", objective - 1)))


def _better(first: Outcome, second: Outcome) -> Outcome:
    """The better point of two that are not proven, and the larger of their bounds."""
    points = [o for o in (first, second) if o.objective is not None]
    best = min(points, key=lambda o: o.objective or 0, default=first)
    bounds = [o.bound for o in (first, second) if o.bound is not None]
    if first.status is Status.FAILED and not points:
        best = second
    return replace(best, bound=max(bounds, default=None))
