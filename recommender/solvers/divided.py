r"""Common divisors taken out: smaller integers, the same points.

    a x <= b    becomes    (a / g) x <= floor(b / g)        g = gcd of the coefficients of the row
    a x >= b    becomes    (a / g) x >= ceil(b / g)
    min c x     becomes    g0 min (c / g0) x                g0 = gcd of the costs

Prices are whole cents and rows of money are multiples of them: with the costs divided, every bound
rounds up to a whole cent, and a row that asks for a cheaper plan asks for one by a cent.
An equation is divided only where its right-hand side is a multiple too.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from math import gcd

from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.outcome import Outcome


def divided(program: Program) -> tuple[Program, int]:
    """The program in smaller integers, and what its objective is to be multiplied with."""
    g = _divisor(c.cost for c in program.columns)
    columns = tuple(replace(c, cost=c.cost // g) for c in program.columns)
    return Program(columns, tuple(_row(row) for row in program.rows)), g


def multiplied(outcome: Outcome, g: int) -> Outcome:
    """The outcome of a divided program in the units of the whole one."""
    objective = None if outcome.objective is None else outcome.objective * g
    bound = None if outcome.bound is None else outcome.bound * g
    return replace(outcome, objective=objective, bound=bound)


def _divisor(numbers: Iterable[int]) -> int:
    """Greatest common divisor; 1 when all are 0."""
    return reduce(gcd, numbers, 0) or 1


def _row(row: Row) -> Row:
    g = _divisor(row.coefficients.values())
    if g == 1 or (row.sense == "==" and row.rhs % g):
        return row
    rhs = -(-row.rhs // g) if row.sense == ">=" else row.rhs // g
    smaller = {name: a // g for name, a in row.coefficients.items()}
    return replace(row, coefficients=smaller, rhs=rhs)
