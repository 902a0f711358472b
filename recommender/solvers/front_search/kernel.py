r"""The compiled heart of the front search: depth first over columns, bounded by knapsack tables.

    f(x) = l1 first(x) + l2 second(x)          l1, l2 > 0, integers
    F_i(v) = min { f of columns from i on : they cover v of one covering row }
    rho = floor(2^s min_j f[j] / q[j])         so that F_i(v) >= rho v / 2^s

    go on       while  f so far + F_{i+1}(left) <= the highest open corner, and some corner is open
                to the right of the least first and above the least second sum that can follow
    a point     as soon as every row holds, and its groups can be divided over zones that are
                alike (zones): more groups cost more of both
    stop        x[i] rises until  f so far + rho left  is above the highest corner

Each number is an integer, and each bound a lower bound, so no point is lost.
"""

from typing import NamedTuple

import numpy as np

from recommender.compiled import compiled, inlined
from recommender.solvers.front_search.points import (
    Integers,
    highest_corner,
    insert,
    may_be_new,
)
from recommender.solvers.front_search.zones import Families, hold

NEVER = 1 << 60
DEAD, OPEN, HOLDS, UNKNOWN = 0, 1, 2, 3
"""Some row can no longer hold; all still can; all do; or whether zones fit is not known."""

DIVISION = 20
"""Nodes that a division over zones counts for."""


class Found(NamedTuple):
    """The front so far (`points`), and the plans of its new points, one per row."""

    first: Integers
    second: Integers
    place: Integers
    free: Integers
    sizes: Integers
    plans: Integers


class Columns(NamedTuple):
    """Of each column: what it adds to both sums and to f, and its largest value."""

    first: Integers
    second: Integers
    f: Integers
    upper: Integers


class Rows(NamedTuple):
    """Rows `rows x <= rhs`; ``reach[r, i]``: the least that columns from i on can add to row r."""

    rows: Integers
    rhs: Integers
    reach: Integers


class Bounds(NamedTuple):
    """Covers with a knapsack table each, in units of `scales`; the first one has `rho` as well.

    ``rho[0]`` bounds f per unit of the first cover, ``rho[1 + i]`` and ``rho[2 + n + i]`` the two
    sums with the columns from i on, all times 2^s.
    """

    covers: Integers
    tables: Integers
    scales: Integers
    rho: Integers


@compiled
def fill_table(table: Integers, q: Integers, f: Integers) -> None:
    """``table[i, v]``: least f of the columns from i on that covers v, any number of each."""
    n, size = q.size, table.shape[1]
    table[n, :] = NEVER
    table[n, 0] = 0
    for i in range(n - 1, -1, -1):
        table[i, 0] = 0
        for v in range(1, size):
            least = table[i + 1, v]
            if q[i] > 0:
                with_one = (table[i, v - q[i]] if v > q[i] else 0) + f[i]
                least = min(least, with_one)
            table[i, v] = least


@compiled
def search(
    found: Found,
    columns: Columns,
    rows: Rows,
    bounds: Bounds,
    families: Families,
    numbers: Integers,
) -> int:
    """Nodes that it took; -1 when they passed the limit, the points their room, or a division.

    ``numbers``: l1, l2, s, limit of nodes.
    """
    n, rho = columns.f.size, bounds.rho
    l1, l2, shift, limit = numbers[0], numbers[1], numbers[2], numbers[3]
    end_first, end_second = found.first[found.sizes[0] - 1], found.second[0]
    highest = highest_corner(found.first, found.second, found.sizes[0], l1, l2)
    x = np.full(n + 1, -1, np.int64)
    slack = np.zeros((n + 1, rows.rhs.size), np.int64)
    slack[0] = rows.rhs
    sums = np.zeros((n + 1, 3), np.int64)
    i, nodes, state = 0, 0, OPEN
    while i >= 0:
        x[i] += 1
        nodes += 1
        if nodes > limit or found.sizes[0] + 2 >= found.first.size or state == UNKNOWN:
            return -1
        so_far = sums[i, 2] + columns.f[i] * x[i]
        main = bounds.covers[0]
        left = max(rows.rows[main, i] * x[i] - slack[i, main], 0)
        if x[i] > columns.upper[i] or so_far + ((rho[0] * left) >> shift) > highest:
            i -= 1
            continue
        bound = so_far + _least_still(slack, rows, bounds, i, x[i])
        if bound > highest:
            continue
        state = _over_zones(_take(slack, rows, i, x[i]), x, i, families)
        nodes += DIVISION if state == HOLDS and families.zones.size > 0 else 0
        a = sums[i, 0] + columns.first[i] * x[i]
        b = sums[i, 1] + columns.second[i] * x[i]
        if state == HOLDS:
            if a < end_first and b < end_second:
                _record(found, x, i, a, b)
                highest = highest_corner(found.first, found.second, found.sizes[0], l1, l2)
            i -= 1
        elif state == OPEN and _may_be_new(found, rho, i, left, a, b, bound, l1, l2, shift):
            i += 1
            x[i] = -1
            sums[i, 0], sums[i, 1], sums[i, 2] = a, b, so_far
    return nodes


@inlined
def _least_still(slack: Integers, rows: Rows, bounds: Bounds, i: int, value: int) -> int:
    """Least f of the columns after i that covers what is left, by the tightest table."""
    least = np.int64(0)
    for k in range(bounds.covers.size):
        r = bounds.covers[k]
        v = max(rows.rows[r, i] * value - slack[i, r], 0)
        least = max(least, bounds.tables[k, i + 1, -(-v // bounds.scales[k])])
    return int(least)


@inlined
def _take(slack: Integers, rows: Rows, i: int, value: int) -> int:
    """Write the slack that column i leaves; whether all rows hold, or one never can."""
    state = HOLDS
    for r in range(rows.rhs.size):
        s = slack[i, r] - rows.rows[r, i] * value
        slack[i + 1, r] = s
        if s < rows.reach[r, i + 1]:
            state = DEAD
        elif s < 0 and state == HOLDS:
            state = OPEN
    return state


@inlined
def _may_be_new(
    found: Found,
    rho: Integers,
    i: int,
    left: int,
    a: int,
    b: int,
    bound: int,
    l1: int,
    l2: int,
    shift: int,
) -> bool:
    """Whether columns after i can still make a point, by the least of both sums and of f."""
    n = (rho.size - 3) // 2
    if i + 1 >= n:
        return False
    least_a = a + ((rho[2 + i] * left) >> shift)
    least_b = b + ((rho[3 + n + i] * left) >> shift)
    m = found.sizes[0]
    return bool(may_be_new(found.first, found.second, m, least_a, least_b, bound, l1, l2))


@inlined
def _over_zones(state: int, x: Integers, i: int, families: Families) -> int:
    """The state, once groups are to be divided over zones as well."""
    after = state
    if state == HOLDS and families.zones.size > 0:
        divided = hold(x, i, families)
        if divided < 0:
            after = UNKNOWN
        elif divided == 0:
            after = OPEN
    return after


@inlined
def _record(found: Found, x: Integers, i: int, a: int, b: int) -> None:
    """Put a point in, with its plan."""
    row = insert(found.first, found.second, found.place, found.free, found.sizes, a, b)
    if row >= 0:
        found.plans[row, :] = 0
        found.plans[row, : i + 1] = x[: i + 1]
