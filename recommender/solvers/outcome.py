"""What a solver returned: a typed outcome, never a bare number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """One vocabulary for all solvers."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    """A point, not proven best (time or node limit)."""
    INFEASIBLE = "infeasible"
    NOT_REACHED = "not_reached"
    """Neither a point nor a proof within the limits."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one solve, re-checked in integer arithmetic.

    Attributes
    ----------
    values
        Column name -> value; only columns that are not zero; empty without a point.
    objective, bound
        In the program's canonical unit; bound <= objective; None when unknown.
    solver
        Name and version, for the report.
    proof
        Who agrees that the point is optimal: names of solvers. Exact integer methods are
        marked `exact:NAME`.
    """

    status: Status
    values: Mapping[str, int] = field(default_factory=dict)
    objective: int | None = None
    bound: int | None = None
    solver: str = ""
    seconds: float = 0.0
    proof: tuple[str, ...] = ()
    message: str = ""


_LATER = {
    Status.FEASIBLE: "what was found in time is not proven best",
    Status.NOT_REACHED: "not decided in time",
    Status.FAILED: "the solver failed",
}


def not_minimised(objective: str, outcome: Outcome) -> str:
    """Why a later objective was not minimised, in words of the report."""
    why = _LATER.get(outcome.status, outcome.status.value)
    said = f"{objective} not minimised: {why}"
    return f"{said}; {outcome.message}" if outcome.message else said
