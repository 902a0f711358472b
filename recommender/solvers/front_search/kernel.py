r"""The compiled heart of the front search: depth first over columns, bounded by knapsack tables.

    f(x) = l1 first(x) + l2 second(x)          l1, l2 > 0, integers
    F_i(v) = min { f of columns from i on : they cover v of one covering row }
    rho = floor(2^s min_j f[j] / q[j])         so that F_i(v) >= rho v / 2^s

    go on       while  f so far + F_{i+1}(left) <= the highest open corner, and some corner is open
                to the right of the least first and above the least second sum that can follow
    a point     as soon as every row holds: more groups cost more of both
    stop        x[i] rises until  f so far + rho left  is above the highest corner

Each number is an integer, and each bound a lower bound, so no point is lost.
"""

import numpy as np

from recommender.queueing.compiled import compiled
from recommender.solvers.front_search.points import (
    Integers,
    highest_corner,
    insert,
    may_be_new,
)

NEVER = 1 << 60


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
def search(  # noqa: C901, PLR0915  one loop: calls with arrays cost as much as a node
    first: Integers,
    second: Integers,
    place: Integers,
    free: Integers,
    sizes: Integers,
    plans: Integers,
    c1: Integers,
    c2: Integers,
    f: Integers,
    upper: Integers,
    rows: Integers,
    rhs: Integers,
    reach: Integers,
    covers: Integers,
    tables: Integers,
    scales: Integers,
    rho: Integers,
    numbers: Integers,
) -> int:
    """Nodes that it took, or -1 when they passed the limit or the points their room.

    ``numbers``: l1, l2, s, limit of nodes. ``rho[0]`` bounds f per unit of the first cover, and
    ``rho[1 + i]``, ``rho[2 + n + i]`` the two sums with the columns from i on.
    """
    n, r_all = c1.size, rhs.size
    l1, l2, shift, limit = numbers[0], numbers[1], numbers[2], numbers[3]
    end_first, end_second = first[sizes[0] - 1], second[0]
    highest = highest_corner(first, second, sizes[0], l1, l2)
    x = np.zeros(n + 1, np.int64)
    slack = np.zeros((n + 1, r_all), np.int64)
    slack[0] = rhs
    sums = np.zeros((n + 1, 3), np.int64)
    i, nodes = 0, 0
    x[0] = -1
    while i >= 0:
        x[i] += 1
        nodes += 1
        if nodes > limit or sizes[0] + 2 >= first.size:
            return -1
        so_far = sums[i, 2] + f[i] * x[i]
        left = -(slack[i, covers[0]] - rows[covers[0], i] * x[i])
        if x[i] > upper[i] or so_far + ((rho[0] * max(left, 0)) >> shift) > highest:
            i -= 1
            continue
        least = np.int64(0)
        for k in range(covers.size):
            r = covers[k]
            v = max(-(slack[i, r] - rows[r, i] * x[i]), 0)
            least = max(least, tables[k, i + 1, -(-v // scales[k])])
        if so_far + least > highest:
            continue
        alive, holds = True, True
        for r in range(r_all):
            s = slack[i, r] - rows[r, i] * x[i]
            slack[i + 1, r] = s
            holds = holds and s >= 0
            alive = alive and s >= reach[r, i + 1]
        if not alive:
            continue
        a, b = sums[i, 0] + c1[i] * x[i], sums[i, 1] + c2[i] * x[i]
        if holds:
            if a < end_first and b < end_second:
                row = insert(first, second, place, free, sizes, a, b)
                if row >= 0:
                    plans[row, :] = 0
                    plans[row, : i + 1] = x[: i + 1]
                    highest = highest_corner(first, second, sizes[0], l1, l2)
            i -= 1
            continue
        if i + 1 == n:
            continue
        v = max(left, 0)
        least_a = a + ((rho[2 + i] * v) >> shift)
        least_b = b + ((rho[3 + n + i] * v) >> shift)
        m = sizes[0]
        if may_be_new(first, second, m, least_a, least_b, so_far + least, l1, l2):
            i += 1
            x[i] = -1
            sums[i, 0], sums[i, 1], sums[i, 2] = a, b, so_far
    return nodes
