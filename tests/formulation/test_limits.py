"""Classes, shares, spread, utilisation, quality, carbon, racks == looking at every plan."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import brute_force, group, meets

from recommender.errors import MissingData
from recommender.formulation.single_service import RackLimit, SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.solvers.outcome import Status

GROUPS = st.lists(
    st.builds(
        lambda rate, usd, kind, zone, provider, stock, loss, units: {
            "rate": float(rate),
            "usd": usd / 4,
            "accelerator": f"type{kind}",
            "zone": f"z{zone}",
            "provider": f"p{provider}",
            "stock": stock,
            "quality_loss_pct": loss / 2,
            "carbon_g_per_h": float(usd % 7) + 1,
            "rack_units": units,
            "rack_nodes": 1 + units % 2,
        },
        st.integers(5, 30),
        st.integers(10, 200),
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from([None, None, 1, 2]),
        st.integers(0, 3),
        st.integers(2, 8),
    ),
    min_size=2,
    max_size=4,
)
QUESTIONS = st.builds(
    lambda groups, **limits: SingleService(
        groups=tuple(group(f"g{i}", **g) for i, g in enumerate(groups)), **limits
    ),
    GROUPS,
    demand_per_s=st.sampled_from([10.0, 20.0]),
    headroom=st.sampled_from([0.0, 0.2]),
    failures=st.integers(0, 1),
    survive=st.sampled_from([(), (), ("zone",), ("provider",), ("accelerator", "zone")]),
    survive_rack=st.sampled_from([False, False, True]),
    min_spread=st.sampled_from([{}, {}, {"provider": 2}, {"zone": 3}]),
    min_utilisation=st.sampled_from([None, None, 0.4]),
    carbon_g_per_h=st.sampled_from([None, None, 12.0]),
    racks=st.sampled_from([None, None, RackLimit(count=2, units=10, power_w=2500.0)]),
    max_types=st.sampled_from([None, None, 1]),
)
COMPARING = st.sampled_from(
    [
        {"max_share": {"provider": 0.5}},
        {"max_share": {"zone": 0.7}},
        {"mean_quality_loss_pct": 0.5},
        {"max_share": {"accelerator": 0.6}, "mean_quality_loss_pct": 1.0},
    ]
)


def agrees(question: SingleService, waste: int) -> None:
    solution = solve_single_service(question)
    best = brute_force(question, waste=waste)
    if best is None:
        assert solution.outcome.status is Status.INFEASIBLE
        return
    assert solution.outcome.objective == round(best * 10_000)
    assert meets(question, [(g, solution.counts[g.name]) for g in solution.groups.values()])


@settings(max_examples=150, deadline=None)
@given(question=QUESTIONS)
def test_optimum_is_that_of_looking_at_every_plan(question):
    agrees(question, waste=2)


@settings(max_examples=25, deadline=None)
@given(question=QUESTIONS, compared=COMPARING)
def test_rows_that_compare_rates(question, compared):
    """Three groups, so that looking at every plan stays short."""
    agrees(replace(question, groups=question.groups[:3], failures=0, **compared), waste=4)


@settings(max_examples=100, deadline=None)
@given(question=QUESTIONS, compared=st.one_of(st.just({}), COMPARING))
def test_pruning_does_not_change_the_optimum(question, compared):
    question = replace(question, **compared)
    pruned = solve_single_service(question).outcome
    full = solve_single_service(replace(question, prune=False)).outcome
    assert (pruned.status, pruned.objective) == (full.status, full.objective)


def test_a_zone_may_be_lost():
    groups = tuple(group(f"n{z}", 10, 1.0, zone=z) for z in "abc")
    question = SingleService(
        groups=groups, demand_per_s=100, headroom=0.0, failures=0, survive=("zone",)
    )
    # any two zones carry 100: 5 nodes in each of three zones, 15 $ (two zones: 10 + 10 = 20 $)
    solution = solve_single_service(question)
    assert sum(solution.counts.values()) == 15 and set(solution.counts.values()) == {5}
    one_zone = replace(question, groups=groups[:1])
    assert solve_single_service(one_zone).outcome.status is Status.INFEASIBLE


def test_a_limit_on_what_is_unknown_is_refused():
    question = SingleService(groups=(group("n", 10, 1.0),), demand_per_s=5, carbon_g_per_h=1.0)
    with pytest.raises(MissingData, match="carbon_g_per_h of n is unknown"):
        solve_single_service(question)
    least = replace(question, carbon_g_per_h=None, objectives=("carbon",))
    with pytest.raises(MissingData, match="carbon_g_per_h of n is unknown"):
        solve_single_service(least)


def test_racks_hold_nodes_whatever_group_they_are_of():
    """A replica on two nodes of 1000 W: racks of 1000 W hold one each, the replica fits in two."""
    pair = group("pair", 10, 1.0, nodes=2, nameplate_w=2000.0, rack_units=5)
    racks = RackLimit(count=2, units=10, power_w=1000.0)
    question = SingleService(groups=(pair,), demand_per_s=10, headroom=0.0, failures=0, racks=racks)
    assert dict(solve_single_service(question).counts)["pair"] == 1
    one_rack = replace(question, racks=replace(racks, count=1))
    assert solve_single_service(one_rack).outcome.status is Status.INFEASIBLE


def test_owned_nodes_at_running_cost_go_first():
    """Two owned nodes at 1 $/h of power, others rented at 4 $/h: 100/s needs ten."""
    groups = (group("owned", 10, 1.0, stock=2), group("rented", 10, 4.0))
    question = SingleService(groups=groups, demand_per_s=100, headroom=0.0, failures=0)
    assert solve_single_service(question).counts == {"owned": 2, "rented": 8}


def test_small_nodes_outweigh_a_large_one():
    """Demand 1/s. Shares: 20 a = 3 b, so a = 3 and b = 20: 190 $/h. Mean loss: 20 x 1 = 1.5 b, so
    b = 14: 100 $/h; its bound was four times what covers the demand."""
    one_seller = group("a", 20.0, 30.0, provider="aws", quality_loss_pct=2.0)
    other = group("b", 3.0, 5.0, provider="gcp", quality_loss_pct=0.5)
    plain = {"groups": (one_seller, other), "demand_per_s": 1.0, "failures": 0}
    shared = solve_single_service(SingleService(**plain, max_share={"provider": 0.5}))
    assert dict(shared.counts) == {"a": 3, "b": 20}
    mean = SingleService(**plain, mean_quality_loss_pct=1.0, min_spread={"provider": 2})
    assert dict(solve_single_service(mean).counts) == {"a": 1, "b": 14}
