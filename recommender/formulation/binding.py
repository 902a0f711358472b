r"""Binding rows: the limits that a plan has no room in.

    >=  row binds    slack < the smallest coefficient of a column in use:  no group can be left out
    <=  row binds    slack < the smallest coefficient of any column:       no group can be added

In integers a slack is seldom 0, so "one more does not fit" is what binding means here.
"""

from collections.abc import Iterator, Mapping

from recommender.program.program import Program
from recommender.program.row import Row

INTERNAL = ("uses[", "cheaper", "optimal[", "larger[", "theta[", "one_rack[", "order[")
"""Rows that steer the solve and promise nothing."""


def binding_rows(program: Program, values: Mapping[str, int]) -> Iterator[str]:
    """Names of the rows that bind at a point, in the order of the program."""
    for row in program.rows:
        if not row.name.startswith(INTERNAL) and _binds(row, values):
            yield row.name


def _binds(row: Row, values: Mapping[str, int]) -> bool:
    slack = abs(row.rhs - row.activity(values))
    if row.sense == ">=":
        steps = [a for name, a in row.coefficients.items() if a > 0 and values.get(name)]
    else:
        steps = [a for a in row.coefficients.values() if a > 0]
    return slack < min(steps, default=0)
