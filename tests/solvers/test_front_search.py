"""Points under construction stay a front; least sums and stretches equal enumeration."""

import time
from itertools import product
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.cover.problem import read
from recommender.solvers.front_search.between import between, least_sum
from recommender.solvers.front_search.points import highest_corner, insert, may_be_new
from recommender.solvers.front_search.stretch import Part, Place

FOREVER = 1e12
SUMS = st.integers(1, 30)


def arrays(ends: list[tuple[int, int]]) -> list[np.ndarray]:
    first, second, place, free = (np.zeros(64, np.int64) for _ in range(4))
    first[:2], second[:2] = zip(*ends, strict=True)
    place[:2] = -1, -2
    free[:40] = np.arange(40)
    return [first, second, place, free, np.array([2, 40], np.int64)]


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(SUMS, SUMS), max_size=30))
def test_inserted_points_are_the_front_of_all_that_came(offered):
    first, second, place, free, sizes = arrays([(0, 31), (31, 0)])
    for a, b in offered:
        insert(first, second, place, free, sizes, a, b)
    kept = [(int(a), int(b)) for a, b in zip(first, second, strict=True)][: sizes[0]]
    offered = [(0, 31), (31, 0), *offered]
    best = {
        p for p in offered if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in offered)
    }
    assert kept == sorted(best)
    rows = [int(r) for r in place[: sizes[0]] if r >= 0]
    assert len(set(rows)) == len(rows) and not {*rows} & {int(r) for r in free[: sizes[1]]}


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(SUMS, SUMS), max_size=8), SUMS, SUMS, st.integers(0, 150))
def test_corners_are_where_a_point_would_be_new(offered, least_a, least_b, least_sum_of):
    first, second, place, free, sizes = arrays([(0, 31), (31, 0)])
    for a, b in offered:
        insert(first, second, place, free, sizes, a, b)
    m = int(sizes[0])
    corners = [(int(first[t + 1]) - 1, int(second[t]) - 1) for t in range(m - 1)]
    assert highest_corner(first, second, m, 2, 3) == max(2 * a + 3 * b for a, b in corners)
    expected = any(
        a >= least_a and b >= least_b and 2 * a + 3 * b >= least_sum_of for a, b in corners
    )
    assert may_be_new(first, second, m, least_a, least_b, least_sum_of, 2, 3) == expected


def part(seed: int) -> tuple[Part, list[tuple[int, int]]]:
    """A program of 3 columns with a second sum, and both sums of all its points."""
    rng = Random(seed)
    names = ["a", "b", "c"]
    cost = {p: rng.randint(1, 20) for p in names}
    watts = {p: rng.randint(1, 20) for p in names}
    rows = (
        Row("d", {p: rng.randint(1, 9) for p in names}, ">=", 25),
        Row("e", {p: rng.randint(0, 5) for p in names}, ">=", rng.randint(0, 9)),
        Row("n", dict.fromkeys(names, 1), "<=", rng.randint(6, 20)),
    )
    program = Program(tuple(Column(p, cost[p], 9) for p in names), rows)
    problem = read(program)
    points = []
    for counts in product(range(10), repeat=3):
        values = dict(zip(names, counts, strict=True))
        if not program.broken_rows(values):
            points.append((program.objective(values), sum(watts[p] * n for p, n in values.items())))
    return Part(problem, tuple(watts[p] for p in problem.names)), points


def test_stretch_holds_the_points_between_its_ends():
    for seed in range(40):
        asked, points = part(seed)
        best = sorted(
            {p for p in points if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in points)}
        )
        if len(best) < 2:
            continue
        start, end = (Place(a, b, {}) for a, b in (best[0], best[-1]))
        found = between([asked], start, end, deadline=time.perf_counter() + 20)
        assert found.points is not None
        assert [(p.first, p.second) for p in found.points] == best[1:-1], seed


def test_least_sum_is_that_of_all_points_where_it_is_known():
    known = 0
    for seed in range(40):
        asked, points = part(seed)
        place = least_sum([asked], 3, 2)
        if place is not None:
            known += 1
            assert 3 * place.first + 2 * place.second == min(3 * a + 2 * b for a, b in points)
    assert known > 10


def test_no_time_left_finds_nothing():
    asked, _ = part(0)
    found = between([asked], Place(0, 99, {}), Place(99, 0, {}), deadline=0.0)
    assert found.points is None
