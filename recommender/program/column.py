"""A column of the integer program: how many of something to take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """An integer variable `0 <= x <= upper` with its cost in the objective.

    Attributes
    ----------
    name
        Unique in a program; shown as it is in rows, exports and reports.
    cost
        Objective coefficient, in the program's canonical unit.
    upper
        Largest value; always finite.
    """

    name: str
    cost: int
    upper: int
