r"""A front under construction, in arrays that the compiled search works on.

    first[0] < first[1] < ...,   second[0] > second[1] > ...        points of the front, with ends
    corner t:   (first[t+1] - 1, second[t] - 1)                     the best that is still open

A new point lies under at least one corner; it takes the place of the points that it beats.
`place[t]` is the row of `plans` that holds the plan of point t, below 0 for points that were known
before; rows of beaten points are free again.
"""

import numpy as np
import numpy.typing as npt

from recommender.compiled import compiled

Integers = npt.NDArray[np.int64]


@compiled
def insert(
    first: Integers,
    second: Integers,
    place: Integers,
    free: Integers,
    sizes: Integers,
    a: int,
    b: int,
) -> int:
    """Put (a, b) in; the row for its plan, or -1 when some point is as good on both.

    ``sizes`` holds the number of points and of free rows, and both change.
    """
    m = sizes[0]
    i = 0
    while i < m and first[i] < a:
        i += 1
    if (i > 0 and second[i - 1] <= b) or (i < m and first[i] == a and second[i] <= b):
        return -1
    j = i
    while j < m and second[j] >= b:
        if place[j] >= 0:
            free[sizes[1]] = place[j]
            sizes[1] += 1
        j += 1
    gone = j - i
    if gone == 0:
        for t in range(m, i, -1):
            first[t], second[t], place[t] = first[t - 1], second[t - 1], place[t - 1]
    else:
        for t in range(j, m):
            at = t - gone + 1
            first[at], second[at], place[at] = first[t], second[t], place[t]
    sizes[0] = m + 1 - gone
    sizes[1] -= 1
    first[i], second[i], place[i] = a, b, free[sizes[1]]
    return int(place[i])


@compiled
def highest_corner(
    first: Integers, second: Integers, m: int, weight_first: int, weight_second: int
) -> int:
    """Largest weighted sum that a point under some corner can have."""
    highest = -1
    for t in range(m - 1):
        corner = weight_first * (first[t + 1] - 1) + weight_second * (second[t] - 1)
        highest = max(highest, corner)
    return highest


@compiled
def may_be_new(
    first: Integers,
    second: Integers,
    m: int,
    least_first: int,
    least_second: int,
    least_sum: int,
    weight_first: int,
    weight_second: int,
) -> bool:
    """Whether plans with at least these sums can lie under some corner."""
    low, high = 0, m - 1
    while low < high:  # the first corner that is right of least_first
        middle = (low + high) // 2
        if first[middle + 1] > least_first:
            high = middle
        else:
            low = middle + 1
    t = low
    while t < m - 1 and second[t] > least_second:
        corner = weight_first * (first[t + 1] - 1) + weight_second * (second[t] - 1)
        if corner >= least_sum:
            return True
        t += 1
    return False
