r"""Start-up: what runs in a period and did not run in the one before is started ahead of it.

    start[p,t]:   n[p,t]  -  n[p,t-1]  <=  s[p,t]             for every period t of the day, cyclic

    nodes in use while t is prepared:   n[p,t-1] + s[p,t]  =  max( n[p,t-1], n[p,t] )

Symbol    Kind       Meaning                                              Unit
n[p,t]    variable   failure groups of kind p that run in period t        integer
s[p,t]    variable   of these, started before t begins                    integer

s costs the price of a group times the start-up time, so no optimum has more than the row asks for.
The period before the first one is the last one: days repeat.
"""

from recommender.program.column import Column
from recommender.program.row import Row


def start(kind: str, period: str, *, now: str, before: str | None) -> Row:
    """The row of one kind and period; `now` and `before` are the columns n[p,t] and n[p,t-1].

    `before` is None where nothing of that kind runs in the period before.
    """
    coefficients = {now: 1, started(kind, period): -1}
    if before is not None:
        coefficients[before] = -1
    return Row(f"start[{kind},{period}]", coefficients, "<=", 0)


def start_column(kind: str, period: str, *, cost: int, upper: int) -> Column:
    """s[p,t]; `cost` of one start in the unit of the objective."""
    return Column(started(kind, period), cost, upper)


def started(kind: str, period: str) -> str:
    """Name of the column s[p,t]."""
    return f"started[{kind},{period}]"
