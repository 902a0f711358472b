"""A row of the integer program: a named linear inequality over columns, in integers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Sense = Literal["<=", "==", ">="]


@dataclass(frozen=True, slots=True)
class Row:
    """``sum(coefficient[c] * x[c])  <=, ==, >=  rhs``, under a name."""

    name: str
    coefficients: Mapping[str, int]
    sense: Sense
    rhs: int

    def activity(self, values: Mapping[str, int]) -> int:
        """Left-hand side at a point (column name -> value)."""
        return sum(a * values.get(name, 0) for name, a in self.coefficients.items())

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether the point satisfies the row, exactly."""
        left = self.activity(values)
        match self.sense:
            case "<=":
                return left <= self.rhs
            case ">=":
                return left >= self.rhs
            case "==":
                return left == self.rhs
