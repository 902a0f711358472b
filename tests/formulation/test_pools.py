"""Two fleets in one program: by hand, by brute force over every plan, and against two programs."""

from dataclasses import replace
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import SpecError
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.pools import Pools, program
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_pools import PoolsSolution, solve_together, together
from recommender.formulation.solve_single_service import solve_single_service
from recommender.solvers.outcome import Status


def group(name: str, rate: float, usd_per_h: float, *, offer: str = "", **changes) -> FailureGroup:
    known = FailureGroup(
        name=name,
        offer=offer or name,
        provider="p",
        region="r",
        accelerator=name[-1],
        nodes=1,
        accelerators=8,
        replicas={name: 1},
        requests_per_s=rate,
        usd_per_h=usd_per_h,
        nameplate_w=1000.0,
    )
    return replace(known, **changes)


PREFILL_A = group("prefill A", 60.0, 10.0)
DECODE_B = group("decode B", 50.0, 4.0)
DECODE_C = group("decode C", 120.0, 9.0)


def pools(prefill, decode, *, demand: float = 100.0, failures: int = 1, **limits) -> Pools:
    def fleet(name, groups):
        return SingleService(
            groups=tuple(groups), demand_per_s=demand, failures=failures, service=name, **limits
        )

    return Pools(fleets=(fleet("prefill", prefill), fleet("decode", decode)))


def solve_apart(asked: Pools) -> PoolsSolution:
    """Each fleet by itself, as the search over splits does it."""
    return together(asked.fleets, [solve_single_service(fleet) for fleet in asked.fleets])


def solve_pools(asked: Pools) -> PoolsSolution:
    """Together where a row ties the pools, as the search over splits does it."""
    return (solve_together if asked.is_joint else solve_apart)(asked)


def counts(solution) -> dict[str, int]:
    return {g.name: n for bought in solution.bought.values() for g, n in bought}


def test_by_hand() -> None:
    # prefill: 3 A, for 2 carry 120 but leave 60 after a loss                      3 * 10 = 30
    # decode:  3 B carry 150 and leave 100: 3 * 4 = 12;   2 C: 18;   C + 2 B: 17          12
    for solve in (solve_together, solve_apart):
        found = solve(pools([PREFILL_A], [DECODE_B, DECODE_C]))
        assert counts(found) == {"prefill A": 3, "decode B": 3}
        assert found.outcome.status is Status.OPTIMAL
        assert found.objectives == (420_000,)


def test_a_limit_on_nodes_ties_the_pools() -> None:
    # five nodes: A needs three, so decode gets two: 2 C                     30 + 18 = 48
    tied = pools([PREFILL_A], [DECODE_B, DECODE_C], max_nodes=5)
    found = solve_pools(tied)
    assert tied.is_joint
    assert counts(found) == {"prefill A": 3, "decode C": 2}
    assert found.objectives == (480_000,)
    none = solve_pools(pools([PREFILL_A], [DECODE_B, DECODE_C], max_nodes=4))
    assert none.outcome.status is Status.INFEASIBLE
    assert not none.bought


def test_a_stock_is_shared_by_the_pools() -> None:
    # five nodes of one offer: 3 for prefill leave 2, decode needs 3 of B; the dearer C fills in
    shared = {"offer": "o", "stock": 5}
    prefill, decode = group("prefill A", 60, 10, **shared), group("decode B", 50, 4, **shared)
    found = solve_pools(pools([prefill], [decode, group("decode C", 120, 9)]))
    assert counts(found) == {"prefill A": 3, "decode B": 2, "decode C": 1}


def test_without_redundancy_only_the_headroom_counts() -> None:
    # 2 A = 120, 3 B = 150 at 12 or 1 C = 120 at 9                        20 + 9 = 29
    found = solve_pools(pools([PREFILL_A], [DECODE_B, DECODE_C], failures=0))
    assert counts(found) == {"prefill A": 2, "decode C": 1}


def test_every_row_has_the_name_of_its_pool() -> None:
    rows = [row.name for row in program(pools([PREFILL_A], [DECODE_B]), objective="cost").rows]
    assert {"demand[prefill]", "demand[decode]", "one_theta[prefill]"} <= set(rows)


def test_fleets_ask_the_same() -> None:
    first, second = pools([PREFILL_A], [DECODE_B]).fleets
    with pytest.raises(ValueError, match="share"):
        Pools(fleets=(first, replace(second, headroom=0.5)))
    with pytest.raises(SpecError, match="compare rates"):
        pools([PREFILL_A], [DECODE_B], min_utilisation=0.5)


def survives(bought: list[FailureGroup], failures: int, demand: float) -> bool:
    rates = sorted(g.requests_per_s for g in bought)
    left = rates[: max(len(rates) - failures, 0)]
    return sum(rates) >= 1.2 * demand and sum(left) >= demand


def cheapest(prefill, decode, *, demand: float, failures: int, max_nodes: int | None, most: int):
    """Every multiset of at most `most` groups in each pool."""

    def plans(groups):
        return [
            plan
            for size in range(most + 1)
            for plan in combinations_with_replacement(groups, size)
            if survives(list(plan), failures, demand)
        ]

    costs = [
        round(sum(g.usd_per_h for g in (*p, *d)) * 10_000)
        for p, d in product(plans(prefill), plans(decode))
        if max_nodes is None or len(p) + len(d) <= max_nodes
    ]
    return min(costs, default=None)


@st.composite
def questions(draw):
    def kinds(pool):
        pairs = draw(
            st.lists(st.tuples(st.integers(30, 130), st.integers(1, 30)), min_size=1, max_size=3)
        )
        return [group(f"{pool} {i}", float(r), float(p)) for i, (r, p) in enumerate(pairs)]

    return (
        kinds("prefill"),
        kinds("decode"),
        draw(st.integers(0, 2)),
        draw(st.none() | st.integers(3, 9)),
    )


@given(questions())
@settings(max_examples=40, deadline=None)
def test_the_optimum_is_that_of_every_plan(question) -> None:
    prefill, decode, failures, max_nodes = question
    # 30/s each: ceil(100 / 30) + 2 = 6 groups are always enough in a pool
    best = cheapest(prefill, decode, demand=100.0, failures=failures, max_nodes=max_nodes, most=6)
    asked = pools(prefill, decode, failures=failures, max_nodes=max_nodes)
    found = solve_pools(asked)
    if best is None:
        assert found.outcome.status is Status.INFEASIBLE
    else:
        assert found.outcome.status is Status.OPTIMAL
        assert found.objectives == (best,)


@given(questions())
@settings(max_examples=40, deadline=None)
def test_together_and_apart_agree_without_a_row_over_both(question) -> None:
    prefill, decode, failures, _ = question
    asked = pools(prefill, decode, failures=failures, objectives=("cost", "power"))
    assert not asked.is_joint
    assert solve_together(asked).objectives == solve_apart(asked).objectives
