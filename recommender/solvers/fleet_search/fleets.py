r"""Every fleet that serves a period within a price: the states of a search over the day.

    all n >= 0 with   sum price[p] n[p] <= limit,   every row of the period,   and n survives losses

    F_i(v) = min sum_{p >= i} price[p] n[p]   s.t.   sum_{p >= i} rate[p] n[p] >= v

Kind by kind, a partial fleet goes on while its price plus F_i(what is left of the demand) is within
the limit, so that whatever is dropped leads to no fleet. Rows and losses are checked at the end.

Symbol     Meaning                                            Unit
n[p]       failure groups of kind p                           count
F_i(v)     least price of covering v with kinds from i on     price units
v          what is left of the demand row                     rate units

Everything is an integer. A fleet is minimal when no group can be left out; where a period is at
least as long as a start takes, no optimum needs another one: leaving the group out saves its price
in the period, and costs at most one start.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommender.program.canonical import RATE_UNITS_PER_DEMAND

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

OUT_OF_REACH = 2**62
PARTIAL = 30
"""Partial fleets that are followed at once, per fleet that may be found."""


class TooMany(Exception):
    """More partial fleets than are worth looking at."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period's kinds, rows and demand as arrays.

    Attributes
    ----------
    names
        Kinds, in the order of all arrays.
    price, rate, upper
        Per kind [price units, rate units, count].
    matrix, least
        Rows as ``matrix n >= least``, shape (rows, kinds) and (rows,).
    need
        Right-hand side of the demand row [rate units].
    failures
        Groups that may be lost at once.
    """

    names: tuple[str, ...]
    price: Integers
    rate: Integers
    upper: Integers
    matrix: Integers
    least: Integers
    need: int
    failures: int

    def serves(self, fleets: Integers) -> Flags:
        """Which fleets, shape (fleets, kinds), keep every row and survive their worst losses."""
        rows = (fleets @ self.matrix.T >= self.least).all(axis=1)
        return rows & (self._left(fleets) >= (RATE_UNITS_PER_DEMAND if self.failures else 0))

    def minimal(self, fleets: Integers) -> Flags:
        """Which of the fleets serve no more once any one group is left out."""
        needed = np.ones(len(fleets), np.bool_)
        for p in range(len(self.names)):
            has = np.flatnonzero(needed & (fleets[:, p] > 0))
            fewer = fleets[has]
            fewer[:, p] -= 1
            needed[has[self.serves(fewer)]] = False
        return needed

    def _left(self, fleets: Integers) -> Integers:
        """Rate without the `failures` largest groups."""
        order = np.argsort(-self.rate, kind="stable")
        counts = fleets[:, order]
        before = np.cumsum(counts, axis=1) - counts
        lost = np.clip(self.failures - before, 0, counts)
        left: Integers = (counts - lost) @ self.rate[order]
        return left


@dataclass(frozen=True)
class Priced:
    """A period with prices of its kinds, not its own perhaps, all above 0; and their tables."""

    period: Period
    price: Integers

    @cached_property
    def order(self) -> Integers:
        """Dear kinds first: they are few."""
        order: Integers = np.argsort(-self.price, kind="stable")
        return order

    @cached_property
    def tables(self) -> list[Integers]:
        """F_i for every i in that order, the last of no kinds at all; stocks do not limit it."""
        from recommender.solvers.fleet_search.cover_table import cover  # loads numba

        table = np.full(self.period.need + 1, OUT_OF_REACH // 2, np.int64)
        table[0] = 0
        tables = [table]
        for p in reversed(self.order):
            table = table.copy()
            if self.period.upper[p] > 0:
                cover(table, self.period.rate[p], self.price[p])
            tables.insert(0, table)
        return tables


def fleets_within(priced: Priced, limit: int, *, most: int, all_fleets: bool = False) -> Integers:
    """Every fleet within a price, minimal ones only unless asked; shape (fleets, kinds).

    Raises
    ------
    TooMany
        Where more than `most` are within it, or PARTIAL times as many partial ones.
    """
    period, order, tables = priced.period, priced.order, priced.tables
    counts = np.zeros((1, len(order)), np.int64)
    price = np.zeros(1, np.int64)
    left = np.full(1, period.need, np.int64)
    for i, p in enumerate(order):
        if period.rate[p] == 0 and not all_fleets:
            continue  # minimal fleets have none
        room = (limit - price) // priced.price[p]
        times = np.minimum(np.maximum(room, -1), period.upper[p]) + 1
        if times.sum() > PARTIAL * most:
            raise TooMany
        parent = np.repeat(np.arange(len(price)), times)
        n = np.arange(len(parent)) - np.repeat(np.cumsum(times) - times, times)
        left_now = np.maximum(left[parent] - n * period.rate[p], 0)
        price_now = price[parent] + n * priced.price[p]
        kept = np.flatnonzero(price_now + tables[i + 1][left_now] <= limit)
        if len(kept) > PARTIAL * most:
            raise TooMany
        counts = counts[parent[kept]]
        counts[:, p] = n[kept]
        price, left = price_now[kept], left_now[kept]
    counts = counts[period.serves(counts)]
    if not all_fleets:
        counts = counts[period.minimal(counts)]
    if len(counts) > most:
        raise TooMany
    return counts
