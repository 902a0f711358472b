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
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from recommender.solvers.cover.problem import INFINITE, CoverProblem, selected
from recommender.solvers.front_search.alike_zones import divisible, families
from recommender.solvers.front_search.points import Integers
from recommender.solvers.front_search.stretch import Part, Place, Stretch

if TYPE_CHECKING:
    from recommender.solvers.front_search.kernel import Found

MOST_POINTS = 20_000
NODES = 8_000_000
MOST_NODES = 300_000_000
"""Before and after it is clear that the stretch cannot be cut: 0.1 s and 4 s."""
USUAL_ROWS = 4
NODES_PER_S = 50_000_000
"""A node costs as much as its rows; no search lasts long beyond its deadline."""
LARGEST_WEIGHT = 1000
ENTRIES = 12_000_000
"""Of all tables of a search: 96 MB."""
MOST_TABLES = 2


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
        points = _extended(part, points, *weights, limit)
    return points


def least_sum(parts: Sequence[Part], l1: int, l2: int) -> Place | None:
    """The plan with the least weighted sum of all parts, where a table shows it."""
    best: tuple[int, Place | None] = (INFINITE, None)
    for part in parts:
        f = [l1 * a + l2 * b for a, b in zip(part.problem.cost, part.second, strict=True)]
        main = max(part.problem.covers, key=lambda r: _least_to_cover(part.problem, r, f))
        tables, scales = _tables(part.problem, [main], f)
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


def _extended(
    part: Part, known: Sequence[Place], l1: int, l2: int, nodes: int
) -> list[Place] | None:
    """The points with those that a part adds."""
    from recommender.solvers.front_search.kernel import Bounds, Columns, Found, Rows, search

    cost = part.problem.cost
    f = [l1 * a + l2 * b for a, b in zip(cost, part.second, strict=True)]
    covers = sorted(part.problem.covers, key=lambda r: -_least_to_cover(part.problem, r, f))
    covers, main = covers[:MOST_TABLES], covers[0]
    order = sorted(range(len(f)), key=lambda j: -_ratio(f[j], part.problem.rows[main][j]))
    problem = selected(part.problem, order)
    f, second = [f[j] for j in order], [part.second[j] for j in order]
    highest = max(l1 * b.first + l2 * a.second for a, b in pairwise(known))
    if _least_to_cover(problem, main, f) > highest or not f:
        return list(known)
    shift = _shift(problem, main, (f, problem.cost, second))
    found = Found(*_points(known), plans=np.zeros((MOST_POINTS, len(f)), np.int64))
    rho = _rho(problem, main, (f, problem.cost, second), shift)
    taken = search(
        found,
        Columns(_array(problem.cost), _array(second), _array(f), _array(problem.upper)),
        Rows(np.array(problem.rows, np.int64), _array(problem.rhs), _reach(problem)),
        Bounds(_array(covers), *_tables(problem, covers, f), rho),
        families(part.zones, order),
        _array((l1, l2, shift, nodes)),
    )
    return None if taken < 0 else _places(problem.names, known, found)


def _array(numbers: Sequence[int]) -> Integers:
    return np.array(numbers, np.int64)


def _ratio(weight: int, row: int) -> float:
    return weight / -row if row else float("inf")


def _least_to_cover(problem: CoverProblem, cover: int, f: Sequence[int]) -> int:
    """A bound of f by one cover: its need times the best ratio, rounded down."""
    need = -problem.rhs[cover]
    return min(
        (w * need // -a for w, a in zip(f, problem.rows[cover], strict=True) if a),
        default=INFINITE,
    )


def _shift(problem: CoverProblem, cover: int, weights: Sequence[Sequence[int]]) -> int:
    """Binary digits behind the point of rho, so that rho times the need stays within 61 bits."""
    need = -problem.rhs[cover]
    largest = max(
        w * need // -a + 1
        for each in weights
        for w, a in zip(each, problem.rows[cover], strict=True)
        if a
    )
    return max(0, min(20, 61 - largest.bit_length()))


def _points(known: Sequence[Place]) -> tuple[Integers, Integers, Integers, Integers, Integers]:
    """Arrays of the points; rows of plans of known points are below 0."""
    first, second, place = (np.zeros(MOST_POINTS, np.int64) for _ in range(3))
    free = np.zeros(2 * MOST_POINTS, np.int64)
    free[:MOST_POINTS] = np.arange(MOST_POINTS)[::-1]
    for t, point in enumerate(known):
        first[t], second[t], place[t] = point.first, point.second, -1 - t
    return first, second, place, free, np.array([len(known), MOST_POINTS], np.int64)


def _tables(
    problem: CoverProblem, covers: Sequence[int], f: Sequence[int]
) -> tuple[Integers, Integers]:
    """A table per cover, in units as fine as memory allows."""
    from recommender.solvers.front_search.kernel import fill_table

    columns = len(f) + 1
    room = ENTRIES // (columns * len(covers))
    scales = [max(1, -(-(1 - problem.rhs[r]) // room)) for r in covers]
    sizes = [-(problem.rhs[r] // scale) + 1 for r, scale in zip(covers, scales, strict=True)]
    tables = np.empty((len(covers), columns, max(sizes)), np.int64)
    for table, r, scale in zip(tables, covers, scales, strict=True):
        fill_table(table, _array([-(a // scale) for a in problem.rows[r]]), _array(f))
    return tables, _array(scales)


def _reach(problem: CoverProblem) -> Integers:
    """``reach[r, i]``: smallest activity that columns from i on can add to row r."""
    least = np.minimum(np.array(problem.rows, np.int64), 0) * _array(problem.upper)
    sums = np.cumsum(least[:, ::-1], axis=1)[:, ::-1]
    return np.hstack([sums, np.zeros((len(problem.rows), 1), np.int64)])


def _rho(
    problem: CoverProblem, cover: int, weights: Sequence[Sequence[int]], shift: int
) -> Integers:
    """Least weight per unit of the cover, times 2^shift: of f over all, of the sums from i on."""
    q = [-a for a in problem.rows[cover]]

    def suffixes(w: Sequence[int]) -> list[int]:
        least = [INFINITE >> 30]
        for a, b in zip(reversed(w), reversed(q), strict=True):
            least.append(min(least[-1], (a << shift) // b) if b else least[-1])
        return least[::-1]

    f, first, second = weights
    return _array([suffixes(f)[0], *suffixes(first), *suffixes(second)])


def _places(
    names: Sequence[str],
    known: Sequence[Place],
    found: "Found",
) -> list[Place]:
    places = []
    for t in range(int(found.sizes[0])):
        row = int(found.place[t])
        if row < 0:
            places.append(known[-1 - row])
            continue
        values = {name: int(x) for name, x in zip(names, found.plans[row], strict=True) if x}
        places.append(Place(int(found.first[t]), int(found.second[t]), values))
    return places
