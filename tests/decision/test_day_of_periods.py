"""Which periods share a fleet, and what a day of fleets comes to."""

import pytest

from recommender.decision.day import day_of, new_in
from recommender.formulation.failure_group import FailureGroup
from recommender.request.spec_file import make_spec

PLAIN = {"model": "8b", "qps": "100", "p99": "300ms"}


def day(profile, **more):
    return day_of(make_spec(PLAIN | {"profile": profile} | more))


def group(name, usd, *, committed=False):
    return FailureGroup(
        name=name, offer=name, provider="p", region="r", accelerator="a", nodes=2, accelerators=8,
        replicas={"0": 1}, requests_per_s=10.0, usd_per_h=usd, nameplate_w=1.0, committed=committed,
    )  # fmt: skip


RENTED, OWN = group("rented", 12.0), group("own", 3.0, committed=True)


def test_one_rate_is_no_day():
    assert day_of(make_spec(PLAIN)) is None
    assert day("0-8h:100%,8-24h:100%") is None


def test_periods_of_equal_demand_share_a_fleet():
    found = day("0-6h:20%,6-12h:100%,12-14h:60%,14-22h:100%,22-24h:20%")
    assert [(b.name, b.demand_per_s, b.minutes) for b in found.blocks] == [
        ("0-6h+22-24h", 20.0, 480),
        ("6-12h+14-22h", 100.0, 840),
        ("12-14h", 60.0, 120),
    ]
    assert found.block_of == (0, 1, 2, 1, 0)
    assert found.peak == 1


def test_with_starts_each_period_has_its_own_but_the_night_is_one():
    found = day("0-6h:20%,6-12h:100%,12-14h:60%,14-22h:100%,22-24h:20%", start_up="10min")
    assert [b.name for b in found.blocks] == ["22-24h+0-6h", "6-12h", "12-14h", "14-22h"]
    assert found.blocks[0].minutes == 480
    assert found.block_of == (0, 1, 2, 3, 0)
    assert found.start_up_min == 10


def test_means_and_starts_by_hand():
    found = day("0-12h:50%,12-24h:100%", start_up="30min")
    fleets = (((OWN, 2), (RENTED, 1)), ((OWN, 2), (RENTED, 4)))
    # 2 * 3 + (12 + 48) / 2 = 36; three rented groups are started half an hour early: 36 * 0.5 / 24
    assert list(new_in(fleets[1], fleets[0])) == [(RENTED, 3)]
    assert list(new_in(fleets[0], fleets[1])) == []
    assert found.start_up_usd_per_h(fleets) == pytest.approx(0.75)
    assert found.mean_cost_usd_per_h(fleets) == pytest.approx(36.75)
    assert found.mean(fleets, lambda g: g.nodes) == pytest.approx(2 * (2 + 2.5))


def test_a_night_around_midnight_starts_its_nodes_once():
    found = day("0-6h:20%,6-22h:100%,22-24h:20%", start_up="60min")
    fleets = (((RENTED, 1),), ((RENTED, 3),))
    assert found.start_up_usd_per_h(fleets) == pytest.approx(2 * 12 / 24)
