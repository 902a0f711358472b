"""The search between points finds what solve after solve finds, and survives being given up."""

from random import Random

import pytest
from single_service_cases import group

from recommender.formulation import front_walk as module
from recommender.formulation.front_boxes import Box, MixedFront
from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.searched_front import stretches
from recommender.formulation.single_service import SingleService
from recommender.solvers.front_search import between


def realistic(seed: int, **limits: object) -> SingleService:
    """Prices in cents and nodes of 1 to 8 accelerators, around 1.5 $/h per request/s."""
    rng = Random(seed)
    groups = []
    for i in range(10):
        accelerators = rng.choice([1, 2, 4, 8])
        rate = accelerators * rng.uniform(0.5, 4)
        groups.append(
            group(
                f"g{i}",
                rate,
                round(rate * 1.5 * rng.uniform(0.7, 1.3), 2),
                accelerators=accelerators,
                nameplate_w=float(10 * round(accelerators * rng.uniform(40, 180))),
                stock=rng.choice([None, None, 3]),
            )
        )
    asked = {"demand_per_s": rng.choice([12.0, 60.0]), "failures": seed % 3, **limits}
    return SingleService(groups=tuple(groups), **asked)


def points(front: MixedFront) -> list[tuple[int, int]]:
    return [(p.first, p.second) for p in front.points]


def solve_by_solve(monkeypatch, asked: SingleService) -> MixedFront:
    with monkeypatch.context() as patched:
        patched.setattr(module, "stretches", lambda *_, **__: None)
        return mixed_front(asked)


@pytest.mark.parametrize("seed", range(6))
def test_search_finds_what_solve_after_solve_finds(seed, monkeypatch):
    asked = realistic(seed)
    assert stretches(asked, first="cost", second="power") is not None
    front = mixed_front(asked)
    assert front.complete and front.proven and front.solves <= 3
    assert points(front) == points(solve_by_solve(monkeypatch, asked))


def test_limits_are_rows_of_the_search(monkeypatch):
    free = mixed_front(realistic(1))
    middle = free.points[len(free.points) // 2]
    asked = realistic(1, budget_usd_per_h=middle.first / 10_000, max_nodes=40)
    front = mixed_front(asked)
    assert points(front) == points(solve_by_solve(monkeypatch, asked))
    assert max(p.first for p in front.points) <= middle.first


@pytest.mark.parametrize("most", [0, 3_000])
def test_search_that_is_given_up_leaves_the_same_front(most, monkeypatch):
    asked = realistic(4)
    whole = points(mixed_front(asked))
    monkeypatch.setattr(between, "NODES", most)
    monkeypatch.setattr(between, "MOST_NODES", most)
    assert points(mixed_front(asked)) == whole


def test_counts_can_be_an_axis(monkeypatch):
    asked = realistic(3)
    front = mixed_front(asked, second="accelerators")
    assert front.complete
    with monkeypatch.context() as patched:
        patched.setattr(module, "stretches", lambda *_, **__: None)
        assert points(front) == points(mixed_front(asked, second="accelerators"))


@pytest.mark.parametrize("limits", [{"survive": ("provider",)}, {"max_share": {"provider": 1.0}}])
def test_rows_on_classes_are_left_to_the_solvers(limits):
    assert stretches(realistic(0, **limits), first="cost", second="power") is None


def test_resumed_in_the_middle_it_ends_the_same():
    asked = realistic(5)
    whole = mixed_front(asked)
    half = len(whole.points) // 2
    last, end = whole.points[half - 1], whole.points[-1]
    part = MixedFront(
        points=(*whole.points[:half], end),
        boxes=(Box((last.first + 1, end.second + 1), (end.first - 1, last.second - 1)),),
        complete=False,
        proven=True,
        solves=0,
    )
    assert part.gap > 0
    assert points(mixed_front(asked, resume=part)) == points(whole)
