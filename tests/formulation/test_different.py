"""k best plans with different types == best plan of every set of types."""

from itertools import combinations
from random import Random

from single_service_cases import brute_force, group

from recommender.formulation.classes import class_of
from recommender.formulation.different import different_plans
from recommender.formulation.single_service import SingleService


def question(seed: int) -> SingleService:
    rng = Random(seed)
    groups = tuple(
        group(
            f"g{i}",
            float(rng.randint(4, 12)),
            float(rng.randint(5, 30)),
            accelerator=f"type{i % 3}",
            provider=f"p{rng.randint(0, 1)}",
        )
        for i in range(4)
    )
    return SingleService(groups=groups, demand_per_s=20.0, headroom=0.0, failures=rng.randint(0, 1))


def best_by_set(asked: SingleService) -> list[float]:
    """Least cost over plans that use exactly these types, for every set of types."""
    types = sorted({g.accelerator for g in asked.groups})
    costs = []
    for size in range(1, len(types) + 1):
        for chosen in combinations(types, size):
            groups = tuple(g for g in asked.groups if g.accelerator in chosen)
            exact = SingleService(
                groups=groups,
                demand_per_s=asked.demand_per_s,
                headroom=asked.headroom,
                failures=asked.failures,
                min_spread={"accelerator": size},
            )
            cost = brute_force(exact)
            if cost is not None:
                costs.append(cost)
    return sorted(costs)


def test_series_is_the_best_plan_of_every_set_in_order():
    for seed in range(15):
        asked = question(seed)
        plans = list(different_plans(asked))
        costs = [(p.outcome.objective or 0) / 10_000 for p in plans]
        assert costs == best_by_set(asked), seed
        used = [frozenset(class_of(g, "accelerator") for g in p.groups.values()) for p in plans]
        assert len(set(used)) == len(used)


def test_first_few_can_be_taken_without_the_rest():
    series = different_plans(question(1), by="provider")
    first = next(series)
    assert first.outcome.objective == round((brute_force(question(1)) or 0) * 10_000)


def test_nothing_feasible_gives_no_plan():
    assert list(different_plans(SingleService(groups=(), demand_per_s=1.0))) == []
