"""Fronts of mixed plans == the non-dominated set of all plans."""

from itertools import product
from random import Random

import pytest
from single_service_cases import group, meets

from recommender.formulation.front_boxes import Box
from recommender.formulation.front_walk import Walk
from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.single_service import SingleService

SEEDS = range(12)


def question(seed: int, failures: int) -> SingleService:
    rng = Random(seed)
    groups = tuple(
        group(
            f"g{i}",
            float(rng.randint(5, 20)),
            rng.randint(10, 90) / 2,
            nameplate_w=float(rng.randint(2, 30)),
            accelerators=rng.choice([1, 4, 8]),
            accelerator=f"type{i % 2}",
        )
        for i in range(rng.randint(2, 4))
    )
    return SingleService(groups=groups, demand_per_s=50.0, headroom=0.0, failures=failures)


def every_plan(asked: SingleService, second: str) -> list[tuple[int, int]]:
    """(cost in 1e-4 USD/h, second attribute) of every feasible plan without waste."""
    most = [range(int(70 // g.requests_per_s) + 2) for g in asked.groups]
    plans = (list(zip(asked.groups, counts, strict=True)) for counts in product(*most))
    return [
        (
            round(sum(g.usd_per_h * n for g, n in plan) * 10_000),
            int(sum(getattr(g, second) * n for g, n in plan)),
        )
        for plan in plans
        if meets(asked, plan)
    ]


def non_dominated(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for first, second in sorted(set(points)):
        if not kept or second < kept[-1][1]:
            kept.append((first, second))
    return kept


@pytest.mark.parametrize("failures", [0, 1])
@pytest.mark.parametrize(
    ("axis", "attribute"), [("power", "nameplate_w"), ("accelerators", "accelerators")]
)
def test_front_is_the_non_dominated_set_of_all_plans(failures, axis, attribute):
    for seed in SEEDS:
        asked = question(seed, failures)
        front = mixed_front(asked, second=axis)
        expected = non_dominated(every_plan(asked, attribute))
        assert [(p.first, p.second) for p in front.points] == expected, seed
        assert front.complete and front.proven


def test_front_holds_points_that_no_weighting_finds():
    """(100, 0), (55, 55) and (0, 100) in cost and power: the middle is not on the hull."""
    groups = (
        group("a", 10, 100.0, nameplate_w=0.0),
        group("b", 10, 55.0, nameplate_w=55.0),
        group("c", 10, 0.0, nameplate_w=100.0),
    )
    asked = SingleService(groups=groups, demand_per_s=10.0, headroom=0.0, failures=0)
    points = [(p.first // 10_000, p.second) for p in mixed_front(asked).points]
    assert points == [(0, 100), (55, 55), (100, 0)]


def test_axes_can_be_swapped():
    asked = question(3, failures=1)
    there = mixed_front(asked, first="cost", second="power")
    back = mixed_front(asked, first="power", second="cost")
    assert [(p.first, p.second) for p in there.points] == [
        (p.second, p.first) for p in reversed(back.points)
    ]


def test_a_step_leaves_a_box_out_only_below_a_known_point():
    """After an undecided solve no point may stand above a box, however low it is."""
    walk = Walk(question(0, 0), ("cost", "power"), 40, 1.0, None)
    box = Box((10, 100), (50, 110))
    for points, is_left_out in [
        ([], False),
        ([(10, 139)], True),
        ([(10, 140)], False),  # a plan at (10, 100) is a whole step below
        ([(11, 100)], False),  # dearer than a plan at (10, 100)
    ]:
        walk.boxes, walk.points = [], dict.fromkeys(points)
        walk._open([box])
        assert (walk.boxes == []) == is_left_out, points


def test_resolution_leaves_no_plan_further_away():
    fewer = 0
    for seed in SEEDS:
        asked = question(seed, failures=0)
        front = mixed_front(asked, resolution=40)
        assert front.complete
        fewer += len(mixed_front(asked).points) - len(front.points)
        for cost, watts in every_plan(asked, "nameplate_w"):
            assert any(p.first <= cost and p.second < watts + 40 for p in front.points)
    assert fewer > 0


def test_no_time_is_an_incomplete_front_that_resumes_to_the_same():
    asked = question(1, failures=1)
    whole = mixed_front(asked)
    part = mixed_front(asked, time_limit_s=0.0)
    assert not part.complete and part.points == ()
    resumed = mixed_front(asked, resume=part)
    assert [(p.first, p.second) for p in resumed.points] == [
        (p.first, p.second) for p in whole.points
    ]
    assert mixed_front(asked, resume=whole).solves == whole.solves  # nothing left to do


def test_infeasible_question_has_an_empty_complete_front():
    asked = SingleService(groups=(), demand_per_s=1.0)
    front = mixed_front(asked)
    assert front.points == () and front.complete and front.proven


def test_limits_of_the_question_stay():
    asked = question(2, failures=0)
    full = mixed_front(asked)
    watts = full.points[1].second
    limited = mixed_front(SingleService(**{**vars_of(asked), "power_w": float(watts)}))
    assert [(p.first, p.second) for p in limited.points] == [
        (p.first, p.second) for p in full.points[1:]
    ]


def vars_of(asked: SingleService) -> dict[str, object]:
    return {
        "groups": asked.groups,
        "demand_per_s": asked.demand_per_s,
        "headroom": asked.headroom,
        "failures": asked.failures,
    }
