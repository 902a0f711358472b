"""Fronts of three objectives == the non-dominated set of all plans (and moocore's)."""

import time
from itertools import product
from random import Random

import numpy as np
import pytest
from single_service_cases import group, meets

from recommender.formulation.single_service import SingleService
from recommender.fronts.ladders import front_over
from recommender.fronts.session import Session


def question(seed: int) -> SingleService:
    rng = Random(seed)
    groups = tuple(
        group(
            f"g{i}",
            float(rng.randint(5, 20)),
            rng.randint(10, 60) / 2,
            nameplate_w=float(rng.randint(2, 20)),
            accelerators=rng.choice([1, 2, 4, 8]),
        )
        for i in range(3)
    )
    return SingleService(groups=groups, demand_per_s=50.0, headroom=0.0, failures=seed % 2)


def every_plan(asked: SingleService) -> set[tuple[int, int, int]]:
    most = [range(int(70 // g.requests_per_s) + 2) for g in asked.groups]
    plans = (list(zip(asked.groups, counts, strict=True)) for counts in product(*most))
    return {
        (
            round(sum(g.usd_per_h * n for g, n in plan) * 10_000),
            int(sum(g.nameplate_w * n for g, n in plan)),
            sum(g.accelerators * n for g, n in plan),
        )
        for plan in plans
        if meets(asked, plan)
    }


def non_dominated(points: set[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    return sorted(
        p
        for p in points
        if not any(q != p and all(a <= b for a, b in zip(q, p, strict=True)) for q in points)
    )


def front_of_three(asked, limit_s=60.0, enough=0.0):
    session = Session(deadline=time.perf_counter() + limit_s)
    return front_over(asked, ("cost", "power", "accelerators"), session, enough=enough)


def test_front_is_the_non_dominated_set_of_all_plans():
    for seed in range(10):
        front = front_of_three(question(seed))
        expected = non_dominated(every_plan(question(seed)))
        assert [p.values for p in front.points] == expected, seed
        assert front.complete and front.proven and front.gap == 0


def test_front_is_that_of_moocore():
    moocore = pytest.importorskip("moocore")
    asked = question(4)
    plans = sorted(every_plan(asked))
    kept = moocore.filter_dominated(np.array(plans, dtype=float))
    expected = sorted({tuple(int(x) for x in row) for row in kept})
    assert [p.values for p in front_of_three(asked).points] == expected


def test_out_of_time_is_incomplete():
    front = front_of_three(question(1), limit_s=0.0)
    assert not front.complete and front.gap > 0
