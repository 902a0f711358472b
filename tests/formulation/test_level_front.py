"""Cost over a grid of levels: every level solved == bisection."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group

from recommender.formulation.level_front import level_front
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service

LEVELS = [0.1, 0.2, 0.3, 0.5, 0.8, 1.3]


def question(level: float, steps: tuple[int, ...]) -> SingleService:
    """Rates that rise in steps with the level; 0 where the group cannot keep it."""
    groups = tuple(
        group(f"g{i}", float(sum(s <= level * 10 for s in (step, step + 4))), 2.0 + i)
        for i, step in enumerate(steps)
    )
    return SingleService(groups=groups, demand_per_s=4.0, headroom=0.0, failures=0)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.integers(0, 14), min_size=1, max_size=3).map(tuple))
def test_bisection_finds_what_solving_every_level_finds(steps):
    expected: list[tuple[float, int]] = []
    for level in LEVELS:
        cost = solve_single_service(question(level, steps)).outcome.objective
        if cost is not None and (not expected or cost < expected[-1][1]):
            expected.append((level, cost))
    points = level_front(lambda level: question(level, steps), LEVELS)
    assert [(p.level, p.solution.outcome.objective) for p in points] == expected


def test_constant_stretches_are_not_solved():
    solved: list[float] = []

    def solve(asked: SingleService) -> Solution:
        solved.append(asked.demand_per_s)
        return solve_single_service(asked)

    levels = [float(x) for x in range(100)]
    level_front(lambda level: question(1.0, (1,)), levels, solve=solve)
    assert len(solved) == 2  # both ends are equal


def test_no_levels_no_points():
    assert level_front(lambda level: question(level, (1,)), []) == []


def test_rates_that_fall_with_the_level_are_refused():
    def backwards(level: float) -> SingleService:
        return SingleService(groups=(group("n", 10 - level, 1.0),), demand_per_s=30.0, failures=0)

    with pytest.raises(ValueError, match="costs more"):
        level_front(backwards, [1.0, 8.0])
