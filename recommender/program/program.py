"""THE INTEGER PROGRAM, free of any solver: minimise cost over columns subject to rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.program.column import Column
from recommender.program.row import Row


@dataclass(frozen=True, slots=True)
class Program:
    """``min sum(cost[c] * x[c])`` over integer ``0 <= x[c] <= upper[c]`` and all rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def objective(self, values: Mapping[str, int]) -> int:
        """Objective at a point (column name -> value)."""
        return sum(column.cost * values.get(column.name, 0) for column in self.columns)

    def broken_rows(self, values: Mapping[str, int]) -> list[str]:
        """Names of the rows, and of the bounds, that the point breaks."""
        broken = [row.name for row in self.rows if not row.holds(values)]
        broken += [
            f"bound[{c.name}]" for c in self.columns if not 0 <= values.get(c.name, 0) <= c.upper
        ]
        return broken
