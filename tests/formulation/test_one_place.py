"""Fronts over zones that sell the same: one place to the search, the same front as by solves."""

from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest
from single_service_cases import group, meets

from recommender.formulation import front_walk
from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.one_place import in_one_place
from recommender.formulation.searched_front import stretches
from recommender.formulation.single_service import SingleService
from recommender.solvers.front_search.zones import FITS, divide

LIMITS = (
    {"survive": ("zone",), "failures": 0},
    {"survive": ("zone",), "failures": 1},
    {"min_spread": {"zone": 3}, "failures": 1},
    {"survive": ("zone",), "min_spread": {"zone": 3}, "failures": 0},
)


def in_zones(seed, kinds=4, zones=3, demands=(12.0, 30.0), **limits):
    """Kinds in up to two regions, each of them sold in all zones of its region."""
    rng = Random(seed)
    groups = []
    for i in range(kinds):
        accelerators = rng.choice([1, 2, 4, 8])
        rate = accelerators * rng.uniform(0.5, 4)
        region = f"r{rng.randint(0, 1)}"
        one = group(
            f"g{i}",
            rate,
            round(rate * 1.5 * rng.uniform(0.7, 1.3), 2),
            accelerators=accelerators,
            nameplate_w=float(10 * round(accelerators * rng.uniform(40, 180))),
            region=region,
            stock=rng.choice([None, None, None, 4]),
        )
        groups += [replace(one, name=f"g{i}@{z}", zone=f"{region}z{z}") for z in range(zones)]
    return SingleService(groups=tuple(groups), demand_per_s=rng.choice(demands), **limits)


def points(front):
    return [(p.first, p.second) for p in front.points]


@pytest.mark.parametrize("limits", LIMITS)
def test_the_search_finds_what_solve_after_solve_finds(limits, monkeypatch):
    for seed in (0, 3, 6, 7):
        asked = in_zones(seed, **limits)
        assert stretches(asked, first="cost", second="power").one_place is not None
        front = mixed_front(asked)
        with monkeypatch.context() as patched:
            patched.setattr(front_walk, "stretches", lambda *_, **__: None)
            other = mixed_front(asked)
        assert front.complete and front.proven and front.solves == 2
        assert points(front) == points(other), seed


@pytest.mark.parametrize("most", [1, 2])
def test_zones_and_a_limit_on_types_go_together(most, monkeypatch):
    """Switches of types are columns too; their rows hold for as many groups as zones ask for."""
    for seed in (0, 3, 6):
        asked = in_zones(seed, kinds=3, survive=("zone",), failures=1, max_types=most)
        kinds = [replace(g, accelerator="xy"[int(g.name[1]) % 2]) for g in asked.groups]
        asked = replace(asked, groups=tuple(kinds))
        assert stretches(asked, first="cost", second="power").one_place is not None
        front = mixed_front(asked)
        with monkeypatch.context() as patched:
            patched.setattr(front_walk, "stretches", lambda *_, **__: None)
            other = mixed_front(asked)
        assert front.complete and points(front) == points(other), seed


def test_the_front_is_the_non_dominated_set_of_all_plans():
    """Two kinds in two zones: every plan of up to five groups of each copy."""
    for seed in range(6):
        asked = in_zones(seed, kinds=2, zones=2, demands=(8.0,), survive=("zone",), failures=0)
        asked = replace(asked, headroom=0.0)
        copies = [replace(g, region="r", stock=None) for g in asked.groups]
        copies = [replace(g, zone=f"z{g.name[-1]}") for g in copies]
        asked = replace(asked, groups=tuple(copies))
        most = [range(int(16 / g.requests_per_s) + 2) for g in copies]
        found = set()
        for counts in product(*most):
            plan = list(zip(copies, counts, strict=True))
            if meets(asked, plan):
                usd = round(sum(g.usd_per_h * n for g, n in plan) * 10_000)
                found.add((usd, round(sum(g.nameplate_w * n for g, n in plan))))
        kept = [
            p for p in found if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in found)
        ]
        assert points(mixed_front(asked)) == sorted(kept), seed


def test_more_zones_never_cost_more():
    """A plan over two zones is one over three: the front moves down and left."""
    for seed in (1, 2, 7):
        two = mixed_front(in_zones(seed, zones=2, demands=(12.0,), survive=("zone",), failures=0))
        three = mixed_front(in_zones(seed, zones=3, demands=(12.0,), survive=("zone",), failures=0))
        best = points(three)
        assert all(any(q[0] <= p[0] and q[1] <= p[1] for q in best) for p in points(two))


def test_other_rows_on_zones_are_left_to_the_solvers():
    assert in_one_place(in_zones(0, max_share={"zone": 0.5}, survive=("zone",))) is None
    assert in_one_place(in_zones(0, survive=("zone", "provider"))) is None
    assert in_one_place(in_zones(0)) is None  # nothing names zones


def fits_by_all_ways(rates, counts, bins, size):
    states = {(0,) * bins}
    for rate, count in zip(rates, counts, strict=True):
        for _ in range(count):
            states = {
                tuple(sorted((*s[:b], s[b] + rate, *s[b + 1 :])))
                for s in states
                for b in range(bins)
                if s[b] + rate <= size
            }
    return bool(states)


def test_division_over_zones_is_exact():
    rng = Random(1)
    for _ in range(400):
        kinds = rng.randint(1, 3)
        rates = sorted((rng.randint(3, 20) for _ in range(kinds)), reverse=True)
        counts = [rng.randint(1, 4) for _ in range(kinds)]
        bins = rng.randint(1, 3)
        size = sum(r * c for r, c in zip(rates, counts, strict=True)) // bins + rng.randint(0, 6)
        plan = np.zeros((bins, kinds), np.int64)
        found = divide(plan, np.zeros(bins, np.int64), np.array(rates), np.array(counts), size)
        assert (found == FITS) == fits_by_all_ways(rates, counts, bins, size)
        if found == FITS:
            assert plan.sum(axis=0).tolist() == counts
            assert (plan @ np.array(rates)).max() <= size
