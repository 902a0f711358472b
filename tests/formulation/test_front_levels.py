"""Cost over a grid of levels, each with a program of its own: every level solved == layers."""

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group

from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.fronts.certified import Certified
from recommender.fronts.ladders import Levels, front_over
from recommender.fronts.layers import layered
from recommender.fronts.session import Session

LEVELS = (1, 2, 3, 5, 8, 13)


def question(level: int, steps: tuple[int, ...]) -> SingleService:
    """Rates that rise in steps with the level; 0 where the group cannot keep it."""
    groups = tuple(
        group(f"g{i}", float(sum(s <= level for s in (step, step + 4))), 2.0 + i)
        for i, step in enumerate(steps)
    )
    return SingleService(groups=groups, demand_per_s=4.0, headroom=0.0, failures=0)


def over(levels, question_at, *, nested=True) -> tuple[Certified, Session]:
    session = Session(deadline=inf)

    def front(position, enough):
        return front_over(question_at(levels[position]), ("cost",), session, key=str(position))

    ladder = Levels(values=tuple(levels), width=1, nested=nested, front=front)
    return layered(ladder, is_over=session.is_over), session


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.integers(0, 14), min_size=1, max_size=3).map(tuple))
def test_layers_find_what_solving_every_level_finds(steps):
    expected: list[tuple[int, int]] = []
    for level in LEVELS:
        cost = solve_single_service(question(level, steps)).outcome.objective
        if cost is not None and (not expected or cost < expected[-1][0]):
            expected.append((cost, level))
    front, _ = over(LEVELS, lambda level: question(level, steps))
    assert sorted(p.values for p in front.points) == sorted(expected)
    assert front.complete


def test_constant_stretches_are_not_solved():
    """100 levels of equal cost: halving down to the first takes eight of them."""
    front, session = over(range(1, 101), lambda level: question(1, (1,)))
    assert [p.values for p in front.points] == [(80_000, 1)]
    assert len(session.parts) <= 8


def test_where_levels_are_not_nested_each_is_solved():
    """Rates that fall with the level: nothing follows from the last one."""

    def backwards(level: int) -> SingleService:
        groups = (group("n", 40.0 / level, 1.0),)
        return SingleService(groups=groups, demand_per_s=30.0, headroom=0.0, failures=0)

    front, session = over(LEVELS, backwards, nested=False)
    assert [p.values for p in front.points] == [(10_000, 1)]  # 40/s of one group do, at level 1
    assert front.complete and len(session.parts) == len(LEVELS)
