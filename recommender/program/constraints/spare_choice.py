r"""Spare, with the choice of theta inside the program: for programs that hold several fleets.

    spare[s,theta]:   sum_p min(rate[p], theta) n[p]  >=  (D + k theta) z[theta]      per theta
    one_theta[s]:     sum_theta z[theta]              >=  1

Symbol    Kind       Meaning                                             Unit
n[p]      variable   failure groups of kind p                            integer
z[theta]  variable   the row of this theta is asked for                  0 or 1
rate[p]   parameter  what one group carries, and its loss takes away     rate units
k         parameter  groups that may be lost at once                     count
D         parameter  rate that is left to carry                          rate units

A fleet survives exactly when some theta among its own rates satisfies the spare row (`spare`). One
program per theta is best for one fleet. Where a program holds several (a prefill and a decode pool,
one fleet per period of the day) there would be one program per combination; here each fleet
chooses its own theta instead. With z[theta] = 0 a row asks for nothing, as its left side is never
negative: there is no big-M, and the relaxation loses no more than fractional z do.
"""

from collections.abc import Iterator, Mapping

from recommender.program.column import Column
from recommender.program.row import Row


def theta_columns(fleet: str, *, rate: Mapping[str, int]) -> list[Column]:
    """A switch z for each rate that theta may be."""
    return [Column(_switch(fleet, theta), 0, 1) for theta in _thetas(rate)]


def spare_choice(
    fleet: str, *, rate: Mapping[str, int], demand: int, failures: int
) -> Iterator[Row]:
    """Rows of one fleet; `rate` and `demand` in the same rate units, rates above 0 count."""
    for theta in _thetas(rate):
        capped = {p: min(q, theta) for p, q in rate.items() if q}
        switch = {_switch(fleet, theta): -(demand + failures * theta)}
        yield Row(f"spare[{fleet},{theta}]", {**capped, **switch}, ">=", 0)
    yield Row(f"one_theta[{fleet}]", {_switch(fleet, t): 1 for t in _thetas(rate)}, ">=", 1)


def _thetas(rate: Mapping[str, int]) -> list[int]:
    return sorted({q for q in rate.values() if q}, reverse=True)


def _switch(fleet: str, theta: int) -> str:
    return f"theta[{fleet},{theta}]"
