"""Networks of nodes that burst: what they hold, not what they reach for minutes."""

import re

import pytest

GBIT = 1 / 8
"""GB/s of a Gb/s."""


@pytest.mark.parametrize(
    ("size", "baseline_gb", "burst_gb"),
    [
        ("g5.xlarge", 2.5, 10),
        ("g5.2xlarge", 5, 10),
        ("g6.xlarge", 2.5, 10),
        ("g6.4xlarge", 10, 25),
        ("g6e.2xlarge", 5, 20),
        ("g4dn.xlarge", 5, 25),
    ],
)
def test_small_sizes_state_their_baseline(facts, size, baseline_gb, burst_gb):
    sold = [o for o in facts.offers.values() if (o.provider, o.instance_type) == ("aws", size)]
    assert sold
    assert {o.network_gb_per_s for o in sold} == {baseline_gb * GBIT}
    assert all(f"bursts to {burst_gb} Gb/s" in o.note for o in sold)


def test_what_bursts_holds_less(facts):
    for offer in facts.offers.values():
        if found := re.search(r"bursts to ([\d.]+) Gb/s", offer.note):
            assert 0 < offer.network_gb_per_s < float(found[1]) * GBIT


def test_larger_sizes_of_a_family_hold_no_less(facts):
    order = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")
    for family in ("g4dn", "g5", "g6", "g6e"):
        held = [
            next(
                o.network_gb_per_s
                for o in facts.offers.values()
                if o.instance_type == f"{family}.{size}"
            )
            for size in order
        ]
        assert held == sorted(held)
