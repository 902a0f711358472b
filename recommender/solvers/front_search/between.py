r"""All points of a front between two of its points: one search per program of a union.

    l1 : l2    such that both ends have the same weighted sum, rounded to small integers
    parts      programs whose plans together are all plans (one per theta); they share the points
               found so far, so that most of them end at their first bound

A search that would take too many nodes ends with nothing. Then the plan with the least weighted sum
is a point of the front (whatever beat it would have a smaller sum) at which to cut the stretch.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from math import gcd

from recommender.solvers.cover.problem import INFINITE
from recommender.solvers.front_search.alike_zones import divisible
from recommender.solvers.front_search.one_part import extended, knapsack_tables, least_to_cover
from recommender.solvers.front_search.points import Integers
from recommender.solvers.front_search.stretch import Part, Place, Stretch

NODES = 8_000_000
MOST_NODES = 300_000_000
"""Before and after it is clear that the stretch cannot be cut: 0.1 s and 4 s."""
USUAL_ROWS = 4
NODES_PER_S = 50_000_000
"""A node costs as much as its rows; no search lasts long beyond its deadline."""
LARGEST_WEIGHT = 1000


def between(parts: Sequence[Part], start: Place, end: Place, *, deadline: float) -> Stretch:
    """Points between start and end."""
    units = _units(parts)
    parts = [_in_units(part, units) for part in parts]
    known = [_divided(point, units) for point in (start, end)]
    l1, l2 = _weights(*known)
    points = _all_parts(parts, known, (l1, l2), NODES, deadline)
    if points is None:
        cut = least_sum(parts, l1, l2)
        if cut is not None and _inside(cut, known):
            return Stretch(None, _multiplied(cut, units))
        if len(parts) == 1 and len(parts[0].problem.rows) <= 2 * USUAL_ROWS:
            points = _all_parts(parts, known, (l1, l2), MOST_NODES, deadline)
    return Stretch(None if points is None else [_multiplied(p, units) for p in points[1:-1]])


def _all_parts(
    parts: Sequence[Part],
    known: Sequence[Place],
    weights: tuple[int, int],
    nodes: int,
    deadline: float,
) -> list[Place] | None:
    """The points with those of all parts; None when one of them takes too long."""
    points: list[Place] | None = list(known)
    for part in parts:
        left_s = deadline - time.perf_counter()
        if points is None or left_s <= 0:
            return None
        rows = max(1, len(part.problem.rows) / USUAL_ROWS)
        limit = int(min(nodes, left_s * NODES_PER_S) / rows)
        points = extended(part, points, *weights, limit)
    return points


def least_sum(parts: Sequence[Part], l1: int, l2: int) -> Place | None:
    """The plan with the least weighted sum of all parts, where a table shows it."""
    best: tuple[int, Place | None] = (INFINITE, None)
    for part in parts:
        f = [l1 * a + l2 * b for a, b in zip(part.problem.cost, part.second, strict=True)]
        main = max(part.problem.covers, key=lambda r: least_to_cover(part.problem, r, f))
        tables, scales = knapsack_tables(part.problem, [main], f)
        value = int(tables[0, 0, -(part.problem.rhs[main] // int(scales[0]))])
        if value < best[0]:
            best = (value, _walked(part, main, tables[0], int(scales[0])))
    return best[1]


def _walked(part: Part, cover: int, table: Integers, scale: int) -> Place | None:
    """The plan of a table's entry for the whole cover; None when a row or a bound forbids it."""
    problem = part.problem
    v, x = -(problem.rhs[cover] // scale), [0] * len(problem.names)
    for j in range(len(x)):
        q = -(problem.rows[cover][j] // scale)
        while v > 0 and table[j, v] < table[j + 1, v]:
            x[j] += 1
            v = max(0, v - q)
    rows = zip(problem.rows, problem.rhs, strict=True)
    if any(n > u for n, u in zip(x, problem.upper, strict=True)):
        return None
    if any(sum(a * n for a, n in zip(row, x, strict=True)) > b for row, b in rows):
        return None
    if part.zones.zones and not divisible(part.zones, x):
        return None
    values = {name: n for name, n in zip(problem.names, x, strict=True) if n}
    second = sum(w * n for w, n in zip(part.second, x, strict=True))
    return Place(problem.value(values), second, values)


def _inside(point: Place, ends: Sequence[Place]) -> bool:
    start, end = ends
    return start.first < point.first < end.first and end.second < point.second < start.second


def _multiplied(point: Place, units: tuple[int, int]) -> Place:
    return Place(point.first * units[0], point.second * units[1], point.values)


def _units(parts: Sequence[Part]) -> tuple[int, int]:
    """Common divisors of both sums: an open corner is a unit away from its points."""
    return (
        reduce(gcd, (c for part in parts for c in part.problem.cost), 0) or 1,
        reduce(gcd, (w for part in parts for w in part.second), 0) or 1,
    )


def _divided(point: Place, units: tuple[int, int]) -> Place:
    return Place(point.first // units[0], point.second // units[1], point.values)


def _in_units(part: Part, units: tuple[int, int]) -> Part:
    cost = tuple(c // units[0] for c in part.problem.cost)
    second = tuple(w // units[1] for w in part.second)
    return replace(part, problem=replace(part.problem, cost=cost), second=second)


def _weights(start: Place, end: Place) -> tuple[int, int]:
    l1, l2 = start.second - end.second, end.first - start.first
    scale = -(-max(l1, l2) // LARGEST_WEIGHT)
    return max(1, l1 // scale), max(1, l2 // scale)
