r"""A program as the exact search sees it: ordered columns, rows as ``<=``, types recognised.

    min  sum_j c[j] x[j]    a[r] . x <= b[r]  for all r,   0 <= x[j] <= u[j],   at most M types used

Symbol   Meaning
c[j]     cost, at least 0
a, b     rows; ``>=`` is negated, ``==`` becomes two
cover    a row whose coefficients are all <= 0 and whose rhs is < 0: ``sum q x >= d`` negated
M        types that may be used; the columns z and the rows ``uses``, ``variety`` that say so in
         the program are recognised by their shape and folded away

Columns of a type are adjacent. A row ``cost . x <= limit`` becomes a cutoff.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row

INFINITE = 1 << 60
LARGEST_SUM = 1 << 57
"""Of absolute values in any row or in the objective; leaves room for multipliers."""


class NotCovering(ValueError):
    """The program is outside what the exact search handles; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverProblem:
    """See the module; all sequences over columns are in search order.

    Attributes
    ----------
    type_of
        Type index of each column, not falling; all 0 without a variety row.
    type_column
        Type index -> name of the folded column z; empty without a variety row.
    cutoff
        Only points that cost at most this count; None is no limit.
    """

    names: tuple[str, ...]
    cost: tuple[int, ...]
    upper: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    rhs: tuple[int, ...]
    covers: tuple[int, ...]
    packs: tuple[int, ...]
    type_of: tuple[int, ...]
    types_allowed: int
    type_column: tuple[str, ...]
    cutoff: int | None

    def value(self, values: Mapping[str, int]) -> int:
        """Cost of a point (column -> value)."""
        return sum(c * values.get(name, 0) for name, c in zip(self.names, self.cost, strict=True))


def read(program: Program) -> CoverProblem:
    """The program in search form.

    Raises
    ------
    NotCovering
        When a cost is negative.
    OverflowError
        When a sum could leave 64 bits.
    """
    _guard(program)
    for column in program.columns:
        if column.cost < 0:
            raise NotCovering(f"column {column.name} has negative cost {column.cost}")
    types, columns, rows, allowed = _fold_types(program)
    rows, cutoff = _take_cutoff(columns, rows)
    inequalities = [pair for row in rows for pair in _as_less_or_equal(row)]
    order = sorted(columns, key=lambda c: (types.get(c.name, ""), c.name))
    names = tuple(column.name for column in order)
    type_names = sorted({types.get(name, "") for name in names})
    coefficients = tuple(tuple(a.get(name, 0) for name in names) for a, _ in inequalities)
    rhs = tuple(b for _, b in inequalities)
    return CoverProblem(
        names=names,
        cost=tuple(column.cost for column in order),
        upper=tuple(column.upper for column in order),
        rows=coefficients,
        rhs=rhs,
        covers=tuple(
            r for r, a in enumerate(coefficients) if rhs[r] < 0 and max(a, default=0) <= 0
        ),
        packs=tuple(
            r for r, a in enumerate(coefficients) if rhs[r] >= 0 and min(a, default=0) >= 0
        ),
        type_of=tuple(type_names.index(types.get(name, "")) for name in names),
        types_allowed=allowed,
        type_column=tuple(type_names) if types else (),
        cutoff=cutoff,
    )


def selected(problem: CoverProblem, order: Sequence[int]) -> CoverProblem:
    """The problem with these columns in this order; types are numbered anew."""
    types = list(dict.fromkeys(problem.type_of[j] for j in order))
    return replace(
        problem,
        names=tuple(problem.names[j] for j in order),
        cost=tuple(problem.cost[j] for j in order),
        upper=tuple(problem.upper[j] for j in order),
        rows=tuple(tuple(row[j] for j in order) for row in problem.rows),
        type_of=tuple(types.index(problem.type_of[j]) for j in order),
    )


def _guard(program: Program) -> None:
    """Every sum over all columns at their bounds stays far from 64 bits."""
    upper = {c.name: c.upper for c in program.columns}
    sums = {row.name: (row.coefficients, row.rhs) for row in program.rows}
    sums["objective"] = ({c.name: c.cost for c in program.columns}, 0)
    for name, (a, b) in sums.items():
        if abs(b) + sum(abs(x) * upper[p] for p, x in a.items()) >= LARGEST_SUM:
            raise OverflowError(f"{name} can exceed {LARGEST_SUM}, too near to 64-bit arithmetic")


def _fold_types(
    program: Program,
) -> tuple[dict[str, str], list[Column], list[Row], int]:
    """Column -> its z, the columns and rows that remain, and how many z may be 1."""
    free = {c.name for c in program.columns if c.cost == 0 and c.upper == 1}
    counts = [
        row
        for row in program.rows
        if row.sense == "<="
        and set(row.coefficients.values()) == {1}
        and free >= {*row.coefficients}
    ]
    upper = {c.name: c.upper for c in program.columns}
    for count in counts:
        switches = {*count.coefficients}
        touched = [r for r in program.rows if r is not count and switches & {*r.coefficients}]
        types = _links(touched, switches, upper)
        if types is None:
            continue
        columns = [c for c in program.columns if c.name not in switches]
        if {c.name for c in columns} != {*types}:
            continue
        gone = {id(row) for row in (count, *touched)}  # equal rows are compared entry by entry
        rows = [r for r in program.rows if id(r) not in gone]
        return types, columns, rows, min(count.rhs, len(switches))
    return {}, list(program.columns), list(program.rows), 1


def _links(
    rows: Sequence[Row], switches: set[str], upper: Mapping[str, int]
) -> dict[str, str] | None:
    """Column -> z when every row says ``x <= U z`` with U at least the bound of x; else None."""
    types: dict[str, str] = {}
    for row in rows:
        z = [name for name in row.coefficients if name in switches]
        x = [name for name in row.coefficients if name not in switches]
        if row.sense != "<=" or row.rhs != 0 or len(z) != 1 or len(x) != 1 or x[0] in types:
            return None
        if row.coefficients[x[0]] != 1 or -row.coefficients[z[0]] < upper[x[0]]:
            return None
        types[x[0]] = z[0]
    return types


def _take_cutoff(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[list[Row], int | None]:
    """Rows that only limit the objective, as one number."""
    cost = {c.name: c.cost for c in columns if c.cost}
    kept: list[Row] = []
    cutoff: int | None = None
    for row in rows:
        if row.sense == "<=" and {p: a for p, a in row.coefficients.items() if a} == cost:
            cutoff = row.rhs if cutoff is None else min(cutoff, row.rhs)
        else:
            kept.append(row)
    return kept, cutoff


def _as_less_or_equal(row: Row) -> list[tuple[dict[str, int], int]]:
    below = (dict(row.coefficients), row.rhs)
    above = ({p: -a for p, a in row.coefficients.items()}, -row.rhs)
    return {"<=": [below], ">=": [above], "==": [below, above]}[row.sense]
