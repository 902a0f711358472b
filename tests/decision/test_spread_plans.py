"""Plans under the loss of classes, shares and spread, on a market small enough to check by hand.

Q = 10 requests/s, no headroom, nodes of one accelerator that carries 5 requests/s.
"""

import numpy as np
import pytest
from small_market import SLO, WORKLOAD, Kind, machine, market_of, offer, question, table_of

from recommender.decision.decider import Decider
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import cost_usd_per_h
from recommender.solvers.outcome import Status

NODE = machine(0, 1)


@pytest.fixture
def decide(monkeypatch):
    """(offers, question) -> decision, one kind of replica of 5 requests/s."""
    import recommender.decision.rates as rates_module

    kinds = [Kind(0, 1, 5.0, 5.0)]
    monkeypatch.setattr(rates_module, "largest_rate", lambda *_, **__: np.array([5.0]))
    table = table_of([NODE], kinds)
    rates = Rates(table.law, WORKLOAD, SLO, Trust.SAFE)

    def solve(offers, asked):
        market = market_of([NODE], [(0, o) for o in offers])
        return Decider(table, rates).decide(market, asked)

    return solve


def bought(decision, attribute):
    """Value of an attribute of the groups -> how many groups."""
    counts: dict[object, int] = {}
    for group, count in decision.purchase:
        value = getattr(group, attribute)
        counts[value] = counts.get(value, 0) + count
    return counts


def test_three_zones_need_half_more(decide):
    """5/s a node: any zone gone leaves 10/s. One node in each of 3 zones: 2 x 5 = 10 are left."""
    found = decide([offer(0, NODE, 2.0)], question(survive=("zone",), zones=3))
    assert bought(found, "zone") == {f"p/r/zone {i}": 1 for i in (1, 2, 3)}
    assert cost_usd_per_h(found.purchase) == 6


def test_two_zones_need_the_double(decide):
    found = decide([offer(0, NODE, 2.0)], question(survive=("zone",), zones=2))
    assert bought(found, "zone") == {"p/r/zone 1": 2, "p/r/zone 2": 2}


def test_one_zone_is_never_enough(decide):
    found = decide([offer(0, NODE, 2.0)], question(survive=("zone",), zones=1))
    assert found.solution.outcome.status is Status.INFEASIBLE
    found = decide([offer(0, NODE, 2.0)], question(survive=("zone",)))  # its region is one zone
    assert found.solution.outcome.status is Status.INFEASIBLE


def test_stock_is_shared_by_the_zones_of_an_offer(decide):
    """3 nodes are needed, one per zone; two are in stock."""
    asked = question(survive=("zone",), zones=3)
    assert decide([offer(0, NODE, 2.0, stock=3)], asked).purchase
    assert not decide([offer(0, NODE, 2.0, stock=2)], asked).purchase


def test_a_stated_zone_stays(decide):
    """The offer is sold in zone a only; the other one in both of its zones."""
    here = offer(0, NODE, 1.0).model_copy(update={"zone": "a"})
    there = offer(1, NODE, 5.0, provider="q")
    found = decide([here, there], question(survive=("zone",), zones=2))
    # a may hold as much as is left without it elsewhere: 2 x 1 $ in a, 1 + 1 nodes of 5 $, or
    # 1 node in a and one in each zone of q, 15/s: without any one of them 10/s. Cheaper: 11 $.
    assert bought(found, "zone") == {"a": 1, "q/r/zone 1": 1, "q/r/zone 2": 1}
    assert cost_usd_per_h(found.purchase) == 11


def test_either_provider_carries_the_peak(decide):
    cheap, dear = offer(0, NODE, 1.0), offer(1, NODE, 3.0, provider="q")
    found = decide([cheap, dear], question(survive=("provider",)))
    assert bought(found, "provider") == {"p": 2, "q": 2}
    assert cost_usd_per_h(found.purchase) == 8


def test_a_share_of_the_capacity(decide):
    """At most 60 % from one seller: of 3 nodes 2 would be 67 %, so 4 nodes, or 1 and 1."""
    cheap, dear = offer(0, NODE, 1.0), offer(1, NODE, 3.0, provider="q")
    found = decide([cheap, dear], question(max_provider_share=0.6))
    assert bought(found, "provider") == {"p": 1, "q": 1}
    found = decide([cheap, dear], question(max_provider_share=0.7, demand_per_s=14.5))
    assert bought(found, "provider") == {"p": 2, "q": 1}


def test_a_node_is_left_partly_empty_for_a_share(monkeypatch):
    """Half from each seller: with eight replicas of 5/s on its node, 40/s, p asks for eight nodes
    of q, 8 + 8 x 6 $/h. With one of them both have 5/s, for 8 + 6 $/h."""
    import recommender.decision.rates as rates_module

    machines = [NODE, machine(1, 8)]
    monkeypatch.setattr(rates_module, "largest_rate", lambda *_, **__: np.array([5.0, 5.0]))
    table = table_of(machines, [Kind(0, 1, 5.0, 5.0), Kind(1, 1, 5.0, 5.0)])
    rates = Rates(table.law, WORKLOAD, SLO, Trust.SAFE)
    offers = [(1, offer(0, machines[1], 8.0)), (0, offer(1, NODE, 6.0, provider="q"))]
    market = market_of(machines, offers)
    found = Decider(table, rates).decide(market, question(max_provider_share=0.5))
    assert cost_usd_per_h(found.purchase) == 14
    assert [dict(group.replicas) for group, _ in found.purchase] == [{"1": 1}, {"0": 1}]


def test_fewest_providers_and_zones(decide):
    cheap, dear = offer(0, NODE, 1.0), offer(1, NODE, 3.0, provider="q")
    assert bought(decide([cheap, dear], question(min_providers=2)), "provider") == {"p": 1, "q": 1}
    found = decide([cheap], question(min_zones=2, zones=2))
    assert len(bought(found, "zone")) == 2
    assert cost_usd_per_h(found.purchase) == 2


def test_least_use(decide):
    """12/s on nodes of 5/s: 3 nodes, 80 % used; 81 % is out of reach."""
    one = [offer(0, NODE, 1.0)]
    assert decide(one, question(demand_per_s=12.0, min_utilisation=0.8)).purchase
    assert not decide(one, question(demand_per_s=12.0, min_utilisation=0.81)).purchase


def test_limits_can_be_left_out():
    asked = question(survive=("zone",), min_zones=2, max_provider_share=0.5, budget_usd_per_h=1.0)
    assert asked.without("survive").survive == ()
    assert asked.without("min_zones").min_zones is None
    assert asked.without("budget_usd_per_h").budget_usd_per_h is None
