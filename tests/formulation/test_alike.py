"""Zones that sell the same are looked at in one order, and the optimum stays."""

from dataclasses import replace
from random import Random

import pytest
from single_service_cases import brute_force, group, meets

from recommender.formulation.alike import alike_zones, in_order
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.solve_single_service import solve_single_service


def in_zones(sold: FailureGroup, *zones: str) -> list[FailureGroup]:
    return [replace(sold, name=f"{sold.name} in {zone}", zone=zone) for zone in zones]


def question(seed: int, zones: int = 2) -> SingleService:
    rng = Random(seed)
    names = [f"z{i}" for i in range(zones)]
    groups = [
        copy
        for i in range(2)
        for copy in in_zones(
            group(f"g{i}", float(rng.randint(8, 20)), rng.randint(10, 90) / 2, stock=5), *names
        )
    ]
    if rng.random() < 0.5:  # a zone like no other
        groups.append(group("own", float(rng.randint(8, 20)), 30.0, zone="own"))
    limits = {"max_share": {"zone": 0.7}} if rng.random() < 0.3 else {}
    return SingleService(
        groups=tuple(groups),
        demand_per_s=25.0,  # whole rates are whole units then
        headroom=0.1,
        failures=rng.choice([0, 0, 1]),
        survive=("zone",),
        **limits,
    )


@pytest.mark.parametrize("seed", range(10))
def test_optimum_is_that_of_every_plan(seed):
    asked = question(seed)
    solution = solve_single_service(asked)
    best = brute_force(asked)
    if best is None:
        assert not solution.counts
        return
    assert solution.outcome.objective == round(best * 10_000)
    assert meets(asked, [(solution.groups[name], n) for name, n in solution.counts.items()])


def test_zones_with_equal_groups_are_alike():
    asked = question(1, zones=3)
    families = sorted(alike_zones(asked))
    assert ["z0", "z1", "z2"] in families
    cheaper = group("more", 10.0, 1.0, zone="z1")
    other = replace(asked, groups=(*asked.groups, cheaper))
    assert ["z0", "z2"] in sorted(alike_zones(other))


def test_rows_of_later_zones_follow_from_the_order():
    asked = question(1, zones=3)
    plain = program(asked, objective="cost", theta=None)
    ordered = in_order(asked, plain)
    names = [row.name for row in ordered.rows]
    assert "loss[service,zone=z0]" in names and "loss[service,zone=z1]" not in names
    assert "order[service,zone=z1]" in names and "order[service,zone=z2]" in names


def test_a_row_on_a_named_zone_leaves_them_as_they_are():
    asked = replace(question(1), need_one_of=(("zone", ("z1",)),))
    plain = program(asked, objective="cost", theta=None)
    assert in_order(asked, plain) is plain
    assert list(alike_zones(replace(question(1), survive=(), max_share={}))) == []
