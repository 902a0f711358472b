"""The gap that an unfinished front states: never smaller than what the whole front beats it by."""

from fractions import Fraction
from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_front_layers import every_plan, non_dominated, question

from recommender.formulation import front_walk
from recommender.formulation.front_gap import factors, gap
from recommender.formulation.mixed_front import mixed_front
from recommender.fronts import session as session_module
from recommender.fronts.ladders import front_over
from recommender.fronts.session import Session

AXES = ("cost", "power", "accelerators")


def exact_gap(points, corners):
    """max over corners, min over points, max over axes of p / l, in fractions; positive axes."""
    return max(
        min(max(Fraction(p, q) for p, q in zip(point, corner, strict=True)) for point in points)
        for corner in corners
    )


def test_by_hand():
    """(10, 40) and (20, 20) against the corner (11, 21): 40/21 and 20/11, the less is 20/11."""
    assert gap([(10, 40), (20, 20)], [(11, 21)]) == pytest.approx(20 / 11 - 1)
    assert gap([(10, 40), (20, 20)], [(20, 20), (30, 40)]) == 0
    assert gap([], [(1, 1)]) == inf
    assert gap([(0, 5)], [(0, 5)]) == 0  # nothing per hour, twice
    assert gap([(1, 5)], [(0, 5)]) == inf
    assert gap([(1, 5)], []) == 0


places = st.lists(
    st.tuples(*[st.integers(min_value=1, max_value=10**9)] * 3), min_size=1, max_size=8
)


@settings(max_examples=200, deadline=None)
@given(points=places, corners=places)
def test_it_is_the_indicator_in_fractions_rounded_up(points, corners):
    exact = max(Fraction(1), exact_gap(points, corners))
    stated = Fraction(gap(points, corners)) + 1
    assert exact <= stated <= exact * (1 + Fraction(1, 10**9))


def test_it_is_that_of_moocore():
    moocore = pytest.importorskip("moocore")
    rng = Random(3)
    for _ in range(20):
        points, corners = (
            [tuple(rng.randint(1, 1000) for _ in range(3)) for _ in range(rng.randint(1, 9))]
            for _ in range(2)
        )
        theirs = moocore.epsilon_mult(np.array(points, float), ref=np.array(corners, float))
        assert max(1.0, theirs) == pytest.approx(gap(points, corners) + 1)


def test_blocks_do_not_change_it(monkeypatch):
    rng = Random(4)
    points = [tuple(rng.randint(1, 99) for _ in range(2)) for _ in range(50)]
    corners = [tuple(rng.randint(1, 99) for _ in range(2)) for _ in range(7)]
    whole = factors(points, corners)
    monkeypatch.setattr("recommender.formulation.front_gap.BLOCK", 20)
    assert factors(points, corners).tolist() == whole.tolist()


@pytest.fixture
def stopped(monkeypatch):
    """Ctrl-C after so many solves, as a user who gives up; no search helps."""

    def after(solves):
        left = [solves]

        def counted(real):
            def solve(*asked, **more):
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                return real(*asked, **more)

            return solve

        for module in (front_walk, session_module):
            real = counted(module.solve_single_service)
            monkeypatch.setattr(module, "solve_single_service", real)
        monkeypatch.setattr(front_walk, "stretches", lambda *_, **__: None)

    yield after
    monkeypatch.undo()


def covered(points, gap_, plans):
    """Whether every plan has a point that is larger by at most the gap on each axis."""
    return all(
        any(
            all(p <= q * (1 + gap_) * (1 + 1e-12) for p, q in zip(point, plan, strict=True))
            for point in points
        )
        for plan in plans
    )


@pytest.mark.parametrize("solves", [1, 2, 3, 5, 8, 13])
def test_a_front_of_two_that_stopped_states_enough(solves, stopped, monkeypatch):
    for seed in (2, 5, 7, 8):
        asked = question(seed)
        whole = [p[:2] for p in every_plan(asked)]
        stopped(solves)
        front = mixed_front(asked)
        monkeypatch.undo()
        points = [p.values for p in front.points]
        assert front.complete == (front.gap == 0)
        assert front.gap == inf or covered(points, front.gap, whole), (seed, front.gap)
        for plan in whole:  # and in boxes: what no point beats lies above a corner
            beaten = any(p[0] <= plan[0] and p[1] <= plan[1] for p in points)
            assert beaten or any(c[0] <= plan[0] and c[1] <= plan[1] for c in front.corners), (
                seed,
                plan,
            )


@pytest.mark.parametrize("solves", [1, 2, 4, 7, 12, 20])
def test_a_front_of_three_that_stopped_states_enough(solves, stopped, monkeypatch):
    for seed in (2, 5, 7, 8):
        asked = question(seed)
        plans = every_plan(asked)
        stopped(solves)
        front = front_over(asked, AXES, Session(deadline=inf))
        monkeypatch.undo()
        points = [p.values for p in front.points]
        assert front.gap == inf or covered(points, front.gap, plans), (seed, front.gap)
        for plan in plans:
            beaten = any(all(a <= b for a, b in zip(p, plan, strict=True)) for p in points)
            above = (all(a <= b for a, b in zip(c, plan, strict=True)) for c in front.corners)
            assert beaten or any(above), (seed, plan)


def test_the_gap_falls_to_nothing(stopped, monkeypatch):
    asked, gaps = question(8), []
    for solves in (2, 6, 12, 40, 200):
        stopped(solves)
        gaps.append(front_over(asked, AXES, Session(deadline=inf)).gap)
        monkeypatch.undo()
    assert gaps == sorted(gaps, reverse=True) and gaps[-1] == 0


def test_a_wanted_gap_ends_it():
    asked = question(8)
    front = front_over(asked, AXES, Session(deadline=inf), enough=0.1)
    assert front.gap <= 0.1
    assert covered([p.values for p in front.points], 0.1, non_dominated(every_plan(asked)))


def test_four_objectives():
    asked = question(7)
    front = front_over(asked, (*AXES, "nodes"), Session(deadline=inf))
    three = front_over(asked, AXES, Session(deadline=inf))
    assert front.complete
    assert {p.values for p in three.points} <= {p.values[:3] for p in front.points}
