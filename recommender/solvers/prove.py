r"""Proof: an optimum counts as proven when an exact integer method stands for its bound.

    exact methods    exact_cover (knapsack tables, integers), cpsat (integers)
    float solvers    scip, highs, pulp:NAME: they may find the point; their bound is one word

Without a named solver, methods take turns (`recommender.solvers.turns`), the exact ones first.
With a named float solver: that one, then the exact methods on the same program, in the time that it
leaves; where it leaves none its claim stays one word.
The two complement each other: CP-SAT is fast with many rows, exact_cover with few.
Two methods that contradict each other are a failure, never a choice.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from recommender.program.program import Program
from recommender.solvers.divided import divided, multiplied
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.registry import available, get
from recommender.solvers.turns import (
    EXACT_PREFIX,
    MOST_ROWS,
    Turn,
    cheaper_than,
    take_turns,
    turns_for,
)

CONFIRM = (Turn("exact_cover", 0.4), Turn("cpsat", 10.0), Turn("exact_cover", 10.0))
"""Exact methods that confirm a claim, in turn."""
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
    smaller, divisor = divided(program)
    return multiplied(_solve(smaller, solver, time_limit_s), divisor)


def _solve(program: Program, solver: str | None, time_limit_s: float) -> Outcome:
    deadline = time.perf_counter() + time_limit_s
    if solver is None:
        outcome = take_turns(program, turns_for(program), deadline=deadline, get=get)
        if outcome.status not in DECIDED or is_proven(outcome):
            return outcome
        return _confirmed(program, outcome, deadline)
    first = get(solver)(program, time_limit_s=time_limit_s)
    if first.status is Status.FAILED:
        return replace(first, message=f"{first.solver}: {first.message}")
    if first.status not in DECIDED or is_proven(first):
        return first
    return _confirmed(program, first, deadline)


def _confirmed(program: Program, claim: Outcome, deadline: float) -> Outcome:
    """The claim with the first exact method that agrees; a contradiction is a failure."""
    better = program if claim.objective is None else cheaper_than(program, claim.objective)
    failures: list[str] = []
    for turn in CONFIRM:
        too_many = turn.solver == "exact_cover" and len(program.rows) > MOST_ROWS
        if turn.solver not in available() or too_many:
            continue
        limit_s = min(turn.most_s, max(0.01, deadline - time.perf_counter()))
        second = get(turn.solver)(better, time_limit_s=limit_s)
        if second.status is Status.INFEASIBLE:  # nothing cheaper exists: the claim is right
            return replace(claim, proof=(*claim.proof, *second.proof))
        if second.objective is not None:
            message = (
                f"{claim.solver} calls {claim.objective} {claim.status.value}, "
                f"but {second.solver} has a point at {second.objective}"
            )
            return replace(claim, status=Status.FAILED, proof=(), message=message)
        if second.status is Status.FAILED:
            failures.append(f"{second.solver}: {second.message}")
    said = [claim.message, *failures]
    return replace(claim, message="; ".join(dict.fromkeys(filter(None, said))))
