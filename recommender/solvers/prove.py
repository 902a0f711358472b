r"""Proof: an optimum counts as proven when an exact integer method stands for its bound.

    exact methods    exact_cover (knapsack tables, integers), cpsat (integers)
    float solvers    scip, highs, pulp:NAME: they may find the point; their bound is one word

Without a named solver: exact_cover for a short time; where it does not close, SCIP finds the
point, and an exact method shows that nothing is cheaper, which a good point makes much easier.
With a named float solver: that one, then the exact methods on the same program.
The two complement each other: CP-SAT is fast with many rows, exact_cover with few.
Two methods that contradict each other are a failure, never a choice.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.registry import available, get

EXACT_PREFIX = "exact:"
FIRST_SHARE = 0.3
FIRST_S = 0.4
"""Time of exact_cover before SCIP is called: a share of all, and at most so many seconds."""
CONFIRM_S = (("cpsat", 5.0), ("exact_cover", 10.0))
"""Exact methods that confirm a claim, in turn, each with at most so many seconds."""
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
    deadline = time.perf_counter() + time_limit_s + max(s for _, s in CONFIRM_S)
    first = get(solver)(program, time_limit_s=time_limit_s)
    if first.status not in DECIDED or is_proven(first):
        return first
    return _confirmed(program, first, deadline, (("exact_cover", FIRST_S), *CONFIRM_S))


def _automatic(program: Program, time_limit_s: float) -> Outcome:
    deadline = time.perf_counter() + time_limit_s
    first_s = min(FIRST_SHARE * time_limit_s, FIRST_S)
    exact = get("exact_cover")(program, time_limit_s=first_s)
    if exact.status in DECIDED or "scip" not in available():
        return exact
    point = get("scip")(program, time_limit_s=(deadline - time.perf_counter()) / 2)
    if point.status in DECIDED:
        return _confirmed(program, point, deadline, CONFIRM_S)
    return _better(exact, point)


def _confirmed(
    program: Program, claim: Outcome, deadline: float, methods: Sequence[tuple[str, float]]
) -> Outcome:
    """The claim with the first exact method that agrees; a contradiction is a failure."""
    better = program if claim.objective is None else _cheaper_than(program, claim.objective)
    for name, most_s in methods:
        if name not in available():
            continue
        limit_s = min(most_s, max(0.01, deadline - time.perf_counter()))
        second = get(name)(better, time_limit_s=limit_s)
        if second.status is Status.INFEASIBLE:  # nothing cheaper exists: the claim is right
            return replace(claim, proof=(*claim.proof, *second.proof))
        if second.values:
            message = (
                f"{claim.solver} calls {claim.objective} {claim.status.value}, "
                f"but {second.solver} has a point at {second.objective}"
            )
            return replace(claim, status=Status.FAILED, proof=(), message=message)
    return claim


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
