"""Programs of single periods as one: each period's columns and rows, under names of the day."""

from collections.abc import Iterable, Mapping

from recommender.formulation.periods import Block
from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row

Part = tuple[Block, Program, Mapping[str, str]]
"""A period, its program, and what its columns are called over the day."""


def joined(
    parts: Iterable[Part], *, weights: Mapping[str, int]
) -> tuple[dict[str, Column], list[Row]]:
    """Columns by name, as wide as in any period, and the rows of all periods.

    `weights` are the coefficients of the objective; a column that has none costs nothing. Rows of
    committed groups only say the same in every period, and are there once.
    """
    columns: dict[str, Column] = {}
    rows: dict[tuple[object, ...], Row] = {}
    for block, part, names in parts:
        for column in part.columns:
            name = names[column.name]
            most = max(column.upper, columns[name].upper if name in columns else 0)
            columns[name] = Column(name, weights.get(name, 0), most)
        for row in part.rows:
            renamed = _in_period(row, names, block)
            rows.setdefault(_content(renamed), renamed)
    return columns, list(rows.values())


def _in_period(row: Row, names: Mapping[str, str], block: Block) -> Row:
    """A row of one period, with the names of its columns over the day."""
    coefficients = {names[name]: a for name, a in row.coefficients.items()}
    return Row(f"{row.name} in {block.name}", coefficients, row.sense, row.rhs)


def _content(row: Row) -> tuple[object, ...]:
    """What a row says, whatever its name."""
    return (frozenset(row.coefficients.items()), row.sense, row.rhs)
