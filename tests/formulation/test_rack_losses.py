"""The loss of a rack in whole questions: looking at every plan, pruning, worked examples."""

from dataclasses import replace
from itertools import combinations, product
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group, meets

from recommender.errors import MissingData
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.formulation.worst_rack import lost_racks
from recommender.solvers import prove
from recommender.solvers.outcome import Status

GROUPS = st.lists(
    st.builds(
        lambda rate, usd, offer, nodes, stock, watts: {
            "rate": float(rate * nodes),
            "usd": usd / 4 * nodes,
            "offer": f"o{offer}",
            "nodes": nodes,
            "nameplate_w": 100.0 * watts,
            "stock": stock,
            "rack_nodes": 2 + 2 * offer,  # the same for all groups of an offer
        },
        st.integers(5, 20),
        st.integers(10, 200),
        st.integers(0, 1),
        st.sampled_from([1, 1, 2]),
        st.sampled_from([None, None, 6]),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=3,
)
QUESTIONS = st.builds(
    lambda groups, **limits: SingleService(
        groups=tuple(
            group(f"g{i}", **g | {"stock": groups[0]["stock"]}) for i, g in enumerate(groups)
        ),
        survive_rack=True,
        **limits,
    ),
    GROUPS,
    demand_per_s=st.sampled_from([10.0, 20.0]),
    headroom=st.sampled_from([0.0, 0.5]),
    failures=st.integers(0, 1),
    budget_usd_per_h=st.sampled_from([None, None, 150.0]),
    power_w=st.sampled_from([None, None, 4000.0]),
)


def cheapest(question):
    """Least cost over all plans without waste."""
    q = question
    most = []
    for g in q.groups:
        need = max(1 + q.headroom, 1) * q.demand_per_s / g.requests_per_s
        enough = ceil(need) + max(ceil(g.rack_nodes / g.nodes), q.failures)
        most.append(enough if g.stock is None else min(enough, g.stock // g.nodes))
    costs = []
    for counts in product(*(range(m + 1) for m in most)):
        plan = list(zip(q.groups, counts, strict=True))
        if meets(q, plan):
            costs.append(sum(g.usd_per_h * n for g, n in plan))
    return min(costs, default=None)


@settings(max_examples=60, deadline=None)
@given(question=QUESTIONS)
def test_optimum_is_that_of_looking_at_every_plan(question):
    solution = solve_single_service(question)
    best = cheapest(question)
    if best is None:
        assert solution.outcome.status is Status.INFEASIBLE
        return
    assert solution.outcome.status is Status.OPTIMAL and prove.is_proven(solution.outcome)
    assert solution.outcome.objective == round(best * 10_000)


@settings(max_examples=60, deadline=None)
@given(
    question=QUESTIONS, objective=st.sampled_from(["cost", "power", "nodes"]), both=st.booleans()
)
def test_pruning_does_not_change_the_optimum(question, objective, both):
    more = {"survive": ("accelerator",)} if both else {}
    question = replace(question, objectives=(objective,), **more)
    pruned = solve_single_service(question).outcome
    full = solve_single_service(replace(question, prune=False)).outcome
    assert (pruned.status, pruned.objective) == (full.status, full.objective)


MIXED = st.lists(
    st.tuples(st.integers(5, 20), st.integers(10, 99), st.integers(1, 5)), min_size=2, max_size=3
)
"""Rate and price per node, and nodes of a group."""


def pool(kinds, rack_nodes):
    """Groups of one pool of racks, of mixed widths."""
    return tuple(
        group(f"g{i}", rate * nodes, usd * nodes, offer="o", nodes=nodes, rack_nodes=rack_nodes)
        for i, (rate, usd, nodes) in enumerate(kinds)
    )


def optimum(groups, **more):
    """Least cost of 100/s that survive a rack."""
    question = SingleService(
        groups=groups, demand_per_s=100, headroom=0.0, failures=0, **{"survive_rack": True, **more}
    )
    outcome = solve_single_service(question).outcome
    assert outcome.status is Status.OPTIMAL
    return outcome


def divisions(nodes, rack_nodes):
    """Every way to divide a group over as few racks as hold it: nodes in the first, second, ..."""
    racks = range(ceil(nodes / rack_nodes))
    ways = product(range(1, rack_nodes + 1), repeat=len(racks))
    return [way for way in ways if sum(way) == nodes]


def parts(nodes, rack_nodes):
    """Numbers of nodes that a group may have in a rack."""
    return {part for way in divisions(nodes, rack_nodes) for part in way}


def most_in_a_rack(plan, rack_nodes):
    """Largest rate that stands in one rack: best[v] over every part of every group in v nodes."""
    best = [0.0] * (rack_nodes + 1)
    for g in (g for g, n in plan for _ in range(n)):
        for used in range(rack_nodes, 0, -1):
            room = [best[used - part] for part in parts(g.nodes, rack_nodes) if part <= used]
            best[used] = max([best[used], *(rate + g.requests_per_s for rate in room)])
    return best[rack_nodes]


def most_lost_of_every_placement(nodes, rates, rack_nodes, racks):
    """Largest rate lost with a rack over all placements of the groups on numbered racks."""
    ways = [
        [
            dict(zip(chosen, way, strict=True))
            for way in divisions(n, rack_nodes)
            for chosen in combinations(range(racks), len(way))
        ]
        for n in nodes
    ]
    worst = 0.0
    for placed in product(*ways):
        used = [sum(way.get(rack, 0) for way in placed) for rack in range(racks)]
        if max(used) <= rack_nodes:
            for rack in range(racks):
                lost = sum(r for r, way in zip(rates, placed, strict=True) if rack in way)
                worst = max(worst, lost)
    return worst


@pytest.mark.parametrize(
    ("nodes", "rack_nodes", "racks"),
    [
        ((4, 4, 4), 3, 4),  # three full racks and one of the three fourth nodes
        ((5, 5), 2, 5),  # 2 + 2 + 1 each: the last two share a rack
        ((5, 4, 2), 3, 4),  # rests of 2 and 1 fill a rack, or 2 + 1, or the narrow one and 1
        ((6, 3, 1), 3, 4),  # whole racks: nothing is shared
        ((2, 2, 1), 3, 3),  # narrow ones stand in one rack
    ],
)
def test_no_placement_loses_more_than_whole_racks_first(nodes, rack_nodes, racks):
    rates = [10.0 + n for n in nodes]
    groups = [
        (group(f"g{i}", rate, 1.0, offer="o", nodes=n, rack_nodes=rack_nodes), 1)
        for i, (n, rate) in enumerate(zip(nodes, rates, strict=True))
    ]
    lost = sum(g.requests_per_s for g in lost_racks(groups)["o"])
    assert lost == most_lost_of_every_placement(nodes, rates, rack_nodes, racks)
    assert lost == most_in_a_rack(groups, rack_nodes)


def test_the_fourth_nodes_of_three_groups_share_a_rack():
    """R = 3, groups of 4 nodes at 10/s for 40/s: a rack takes three, so 4 + 3 are needed."""
    wide = group("wide", 10, 1.0, nodes=4, rack_nodes=3)
    question = SingleService(
        groups=(wide,), demand_per_s=40, headroom=0.0, failures=0, survive_rack=True
    )
    assert solve_single_service(question).counts == {"wide": 7}
    short = replace(wide, stock=6 * 4)
    outcome = solve_single_service(replace(question, groups=(short,))).outcome
    assert outcome.status is Status.INFEASIBLE


@settings(max_examples=40, deadline=None)
@given(kinds=MIXED, rack_nodes=st.integers(1, 7))
def test_more_to_choose_from_and_racks_that_last_are_never_dearer(kinds, rack_nodes):
    whole = optimum(pool(kinds, rack_nodes)).objective
    assert whole <= optimum(pool(kinds, rack_nodes)[:-1]).objective
    assert optimum(pool(kinds, rack_nodes), survive_rack=False).objective <= whole


@settings(max_examples=40, deadline=None)
@given(kinds=MIXED, rack_nodes=st.integers(1, 7))
def test_whatever_fills_a_rack_may_be_lost(kinds, rack_nodes):
    groups = pool(kinds, rack_nodes)
    bought = optimum(groups).values
    plan = [(g, bought.get(g.name, 0)) for g in groups]
    left = sum(g.requests_per_s * n for g, n in plan)
    assert left - most_in_a_rack(plan, rack_nodes) >= 100 - 1e-9


@settings(max_examples=30, deadline=None)
@given(
    rate=st.integers(5, 20),
    nodes=st.integers(1, 4),
    rack_nodes=st.integers(1, 9),
)
def test_one_kind_needs_as_many_more_as_a_rack_holds(rate, nodes, rack_nodes):
    """ceil(100 / rate) groups carry the demand; a rack takes floor(R / smallest part) more."""
    groups = pool([(rate, 10, nodes), (1, 99, 1)], rack_nodes)  # the other one is never worth it
    in_rack = rack_nodes // min(parts(nodes, rack_nodes))
    least = ceil(100 / (rate * nodes)) + in_rack
    assert optimum(groups[:1]).objective == least * 10 * nodes * 10_000


def test_a_rack_of_four_more():
    """Nodes of 10/s for 100/s, four to a rack: 10 + 4, whether one seller or two equal ones."""
    nodes = tuple(group(name, 10, 1.0, rack_nodes=4) for name in ("east", "west"))
    question = SingleService(
        groups=nodes[:1], demand_per_s=100, headroom=0.0, failures=0, survive_rack=True
    )
    assert solve_single_service(question).counts == {"east": 14}
    two = solve_single_service(replace(question, groups=nodes)).counts
    assert sum(two.values()) == 14


def test_small_purchases_from_many_sellers_lose_less():
    """Six offers with two nodes each: a rack of eight takes but two of them away."""
    nodes = tuple(group(f"n{i}", 10, 1.0 + i / 100, rack_nodes=8, stock=2) for i in range(6))
    question = SingleService(
        groups=nodes, demand_per_s=100, headroom=0.0, failures=0, survive_rack=True
    )
    assert solve_single_service(question).counts == {f"n{i}": 2 for i in range(6)}
    short = replace(question, groups=nodes[:5])
    assert solve_single_service(short).outcome.status is Status.INFEASIBLE


def test_a_rack_whose_nodes_are_unknown_is_refused():
    question = SingleService(groups=(group("n", 10, 1.0),), demand_per_s=5, survive_rack=True)
    with pytest.raises(MissingData, match="nodes per rack of n is unknown"):
        solve_single_service(question)
