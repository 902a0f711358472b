"""Patterns: multisets of replicas that fit a node, and replicas that span several."""

import datetime
from itertools import product
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group

from catalog.schema import Offer
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.node_pattern import Replica
from recommender.formulation.node_patterns import node_patterns
from recommender.formulation.priced_patterns import failure_groups
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.program.canonical import RateUnit
from recommender.program.column import Column
from recommender.program.constraints.demand import demand
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.registry import get


def replica(key: str, accelerators: int, rate: float, loss: float = 0.0) -> Replica:
    return Replica(key=key, accelerators=accelerators, requests_per_s=rate, quality_loss_pct=loss)


def offer(**other: object) -> Offer:
    facts = {
        "name": "hgx",
        "provider": "acme",
        "instance_type": "h8",
        "region": "eu",
        "terms": "on_demand",
        "accelerator": "H100",
        "node_accelerators": 8,
        "price_per_h": 20.0,
        "usd_per_h": 20.0,
        "date": datetime.date(2026, 1, 1),
        "nameplate_power_w": 10_200.0,
        "nameplate_basis": "chassis",
        "source": "test",
    }
    return Offer(**{**facts, **other})


def test_best_filling_of_a_node_is_the_only_pattern_of_one_quality():
    replicas = [replica("tp2", 2, 3.0), replica("tp4", 4, 7.0), replica("tp8", 8, 13.0)]
    (pattern,) = node_patterns(replicas, node_accelerators=8)
    # 4 * 3 = 12, 2 * 7 = 14, 13, 2 * 3 + 7 = 13
    assert pattern.replicas == {"tp4": 2} and pattern.requests_per_s == 14.0


def test_sizes_that_do_not_divide_the_node_mix():
    (pattern,) = node_patterns([replica("a", 3, 4.0), replica("b", 2, 2.5)], node_accelerators=8)
    # 3 + 3 + 2: 4 + 4 + 2.5 = 10.5; 2 + 2 + 2 + 2: 10
    assert pattern.replicas == {"a": 2, "b": 1} and pattern.requests_per_s == 10.5


def test_worse_quality_needs_more_rate_to_stay():
    replicas = [replica("bf16", 8, 10.0), replica("fp8", 8, 15.0, 0.5), replica("x", 8, 9.0, 0.1)]
    patterns = node_patterns(replicas, node_accelerators=8)
    assert [(p.requests_per_s, p.quality_loss_pct) for p in patterns] == [(15.0, 0.5), (10.0, 0.0)]


def test_spanning_replica_takes_whole_nodes():
    (pattern,) = node_patterns([replica("tp12", 12, 9.0)], node_accelerators=8)
    assert pattern.nodes == 2 and pattern.replicas == {"tp12": 1}


def test_spanning_replica_goes_when_its_nodes_filled_alone_carry_as_much():
    inside = replica("tp8", 8, 5.0)
    weak, strong = replica("weak", 16, 10.0), replica("strong", 16, 10.1)
    assert [p.nodes for p in node_patterns([inside, weak], node_accelerators=8)] == [1]
    kept = node_patterns([inside, strong], node_accelerators=8)
    assert [p.nodes for p in kept] == [2, 1]  # by falling rate per node


def test_tray_of_a_larger_scale_up_domain_spans():
    """GB200 NVL72 is bought in trays of 4: a replica of 8 takes two trays."""
    (pattern,) = node_patterns([replica("tp8", 8, 40.0)], node_accelerators=4)
    assert pattern.nodes == 2


def test_nothing_that_serves_gives_no_pattern():
    assert node_patterns([], node_accelerators=8) == ()
    assert node_patterns([replica("dead", 8, 0.0)], node_accelerators=8) == ()


def test_groups_price_whole_nodes():
    patterns = node_patterns([replica("tp16", 16, 30.0)], node_accelerators=8)
    (made,) = failure_groups(offer(stock=6), patterns)
    assert made == FailureGroup(
        name="hgx/1xtp16 on 2 nodes",
        offer="hgx",
        provider="acme",
        region="eu",
        accelerator="H100",
        nodes=2,
        accelerators=16,  # 2 * 8
        replicas={"tp16": 1},
        requests_per_s=30.0,
        usd_per_h=40.0,  # 2 * 20
        nameplate_w=20_400.0,  # 2 * 10200
        stock=6,
    )


@settings(max_examples=100)
@given(
    rates=st.lists(st.integers(1, 20), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 9), min_size=4, max_size=4),
    room=st.integers(1, 9),
)
def test_best_pattern_is_that_of_looking_at_every_filling(rates, sizes, room):
    replicas = [replica(f"r{i}", sizes[i], float(r)) for i, r in enumerate(rates)]
    best = max(
        sum(n * r.requests_per_s for n, r in zip(counts, replicas, strict=True))
        for counts in product(range(room + 1), repeat=len(replicas))
        if sum(n * r.accelerators for n, r in zip(counts, replicas, strict=True)) <= room
    )
    filled = [p for p in node_patterns(replicas, node_accelerators=room) if p.nodes == 1]
    assert max((p.requests_per_s for p in filled), default=0.0) == best


@settings(max_examples=60, deadline=None)
@given(
    rates=st.lists(st.integers(2, 40), min_size=4, max_size=4),
    prices=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    demand_per_s=st.sampled_from([1, 8, 20, 50, 125, 200]),  # whole rates stay whole units
)
def test_whole_nodes_and_node_patterns_are_one_program_without_redundancy(
    rates, prices, demand_per_s
):
    """Two offers of 8 and 4 accelerators, replicas of 1, 2, 4 and 8 (spanning on the second)."""
    replicas = [replica(f"tp{2**i}", 2**i, float(r)) for i, r in enumerate(rates)]
    offers = [
        offer(name="big", usd_per_h=float(prices[0])),
        offer(name="small", usd_per_h=float(prices[1]), node_accelerators=4),
    ]
    groups = tuple(
        made
        for o in offers
        for made in failure_groups(
            o, node_patterns(replicas, node_accelerators=o.node_accelerators)
        )
    )
    question = SingleService(
        groups=groups, demand_per_s=float(demand_per_s), headroom=0.0, failures=0
    )
    shared = get("scip")(shared_nodes(offers, replicas, float(demand_per_s)), time_limit_s=60.0)
    assert solve_single_service(question).outcome.objective == shared.objective


def groups_on(node: Offer, replicas: list[Replica]) -> tuple[FailureGroup, ...]:
    patterns = node_patterns(replicas, node_accelerators=node.node_accelerators)
    return failure_groups(node, patterns)


def shared_nodes(offers: list[Offer], replicas: list[Replica], demand_per_s: float) -> Program:
    """Replica columns x and node columns y: demand over x, whole nodes between them.

        nodes[o]:   sum_c g[c] * x[c]  <=  G[o] * y[o]

    Without redundancy this is exact where sizes divide each other (1 | 2 | 4 | 8): fill nodes in
    order of falling size. Five replicas of 3 would take 15 of the 16 accelerators of two nodes of
    8, which hold four: such sizes, and the loss of a node, need patterns.
    """
    unit = RateUnit(demand_per_s)
    columns, rows, rate = [], [], {}
    for o in offers:
        names = {f"{r.key}@{o.name}": r for r in replicas}
        rate |= {name: unit.units(r.requests_per_s) for name, r in names.items()}
        columns += [Column(name, 0, 400) for name in names]
        columns.append(Column(f"y[{o.name}]", round(o.usd_per_h * 10_000), 400))
        size = o.node_accelerators  # G; a replica that spans nodes takes ceil(g / G) of them whole
        taken = {
            name: r.accelerators if r.accelerators <= size else ceil(r.accelerators / size) * size
            for name, r in names.items()
        }
        rows.append(Row(f"nodes[{o.name}]", {**taken, f"y[{o.name}]": -size}, "<=", 0))
    covers = demand("s", rate=rate, required=unit.required(headroom=0.0))
    return Program(tuple(columns), (covers, *rows))


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_dropping_spanning_patterns_never_costs(failures):
    """The split argument of the module, on groups: two nodes of 5/s against one pair of 10/s."""
    single = group("single", 5, 10.0, offer="o")
    pair = group("pair", 10, 20.0, offer="o", nodes=2, accelerators=16)
    for demand_per_s in (3.0, 5.0, 8.0, 12.0, 20.0):
        with_pair, without = (
            solve_single_service(
                SingleService(groups=groups, demand_per_s=demand_per_s, failures=failures)
            )
            for groups in ((single, pair), (single,))
        )
        assert with_pair.outcome.objective == without.outcome.objective


def test_a_node_may_be_left_partly_empty_where_capacity_can_be_too_much():
    replicas = [
        Replica(key="a", accelerators=2, requests_per_s=10.0),
        Replica(key="b", accelerators=1, requests_per_s=2.0),
    ]
    full = node_patterns(replicas, node_accelerators=3)
    assert [dict(p.replicas) for p in full] == [{"a": 1, "b": 1}]
    partly = node_patterns(replicas, node_accelerators=3, partly_filled=True)
    # 10 + 2, 10, 2 requests/s
    assert [dict(p.replicas) for p in partly] == [{"a": 1, "b": 1}, {"a": 1}, {"b": 1}]
    assert [p.requests_per_s for p in partly] == [12.0, 10.0, 2.0]
