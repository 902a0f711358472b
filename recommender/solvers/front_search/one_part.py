"""The points that one program adds to a stretch: its numbers as arrays for the compiled search.

F(i, v)  knapsack tables of up to MOST_TABLES covers: exact least f that covers v from column i
rho      least weight per unit of the main cover, in whole numbers times 2^shift
reach    smallest activity that the columns from i on can add to a row
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recommender.solvers.cover.problem import INFINITE, CoverProblem, selected
from recommender.solvers.front_search.alike_zones import families
from recommender.solvers.front_search.points import Integers
from recommender.solvers.front_search.stretch import Part, Place

if TYPE_CHECKING:
    from recommender.solvers.front_search.kernel import Found

MOST_POINTS = 20_000
ENTRIES = 12_000_000
"""Of all tables of a search: 96 MB."""
MOST_TABLES = 2


def extended(
    part: Part, known: Sequence[Place], l1: int, l2: int, nodes: int
) -> list[Place] | None:
    """The points with those that a part adds."""
    from recommender.solvers.front_search.kernel import Bounds, Columns, Found, Rows, search

    cost = part.problem.cost
    f = [l1 * a + l2 * b for a, b in zip(cost, part.second, strict=True)]
    covers = sorted(part.problem.covers, key=lambda r: -least_to_cover(part.problem, r, f))
    covers, main = covers[:MOST_TABLES], covers[0]
    order = sorted(range(len(f)), key=lambda j: -_ratio(f[j], part.problem.rows[main][j]))
    problem = selected(part.problem, order)
    f, second = [f[j] for j in order], [part.second[j] for j in order]
    highest = max(l1 * b.first + l2 * a.second for a, b in pairwise(known))
    if least_to_cover(problem, main, f) > highest or not f:
        return list(known)
    shift = _shift(problem, main, (f, problem.cost, second))
    found = Found(*_points(known), plans=np.zeros((MOST_POINTS, len(f)), np.int64))
    rho = _rho(problem, main, (f, problem.cost, second), shift)
    taken = search(
        found,
        Columns(_array(problem.cost), _array(second), _array(f), _array(problem.upper)),
        Rows(np.array(problem.rows, np.int64), _array(problem.rhs), _reach(problem)),
        Bounds(_array(covers), *knapsack_tables(problem, covers, f), rho),
        families(part.zones, order),
        _array((l1, l2, shift, nodes)),
    )
    return None if taken < 0 else _places(problem.names, known, found)


def _array(numbers: Sequence[int]) -> Integers:
    return np.array(numbers, np.int64)


def _ratio(weight: int, row: int) -> float:
    return weight / -row if row else float("inf")


def least_to_cover(problem: CoverProblem, cover: int, f: Sequence[int]) -> int:
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


def knapsack_tables(
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
