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
