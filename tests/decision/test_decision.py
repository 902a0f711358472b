"""Lazy refinement: it ends, rests on settled kinds only, and loses nothing to laziness.

`bound` is the optimistic rate that a kind enters with, `true` what its simulation would find.
"""

from dataclasses import replace

import pytest
from market_decision import decided, used
from small_market import (
    Kind,
    machine,
    offer,
    question,
)

from recommender.decision.cut_short import STANDS
from recommender.decision.study import cost_usd_per_h
from recommender.solvers.outcome import Outcome, Status


@pytest.fixture
def decide(monkeypatch):
    """(machines, kinds, offers, question) -> (decision, book of rates, fake simulator)."""
    return lambda *args, **more: decided(monkeypatch, *args, **more)


NODE = machine(0, 8)
TWO = machine(1, 8)


def test_a_kind_pruned_by_an_optimistic_rate_returns_when_that_rate_falls(decide):
    """Kind 0 promises 10/s and keeps 2/s; kind 1 promises and keeps 6/s, but on the same node it
    is pruned until 0 has been simulated: Q = 10/s needs ceil(10/6) = 2 nodes of kind 1."""
    kinds = [Kind(0, 8, bound=10, true=2), Kind(0, 8, bound=6, true=6)]
    found, rates, simulator = decide([NODE], kinds, [(0, offer(0, NODE, 10.0))], question())
    assert used(found) == {1}
    assert [n for _, n in found.purchase] == [2]
    assert simulator.settled == [0, 1]
    assert rates.rate.tolist() == [2, 6]


def test_an_offer_pruned_by_an_optimistic_rate_returns_too(decide):
    """Machine 0 at 10 $/h promises 20/s and keeps 4/s: 3 nodes, 30 $/h. Machine 1 at 18 $/h keeps
    its 12/s: one node, 18 $/h. At first machine 0 looks cheaper: one node, 10 $/h."""
    kinds = [Kind(0, 8, bound=20, true=4), Kind(1, 8, bound=12, true=12)]
    offers = [(0, offer(0, NODE, 10.0)), (1, offer(1, TWO, 18.0))]
    found, _, _ = decide([NODE, TWO], kinds, offers, question())
    assert used(found) == {1}
    assert cost_usd_per_h(found.purchase) == 18


def test_kinds_that_no_optimum_uses_are_never_simulated(decide):
    """Machine 1 costs ten times as much for the same bound: its rate stays a bound."""
    kinds = [Kind(0, 8, bound=12, true=11), Kind(1, 8, bound=12, true=12)]
    offers = [(0, offer(0, NODE, 10.0)), (1, offer(1, TWO, 100.0))]
    _, rates, simulator = decide([NODE, TWO], kinds, offers, question())
    assert simulator.settled == [0]
    assert rates.settled.tolist() == [True, False]


def test_a_kind_that_simulation_finds_useless_leaves(decide):
    kinds = [Kind(0, 8, bound=12, true=0), Kind(0, 4, bound=2, true=2)]
    found, _, _ = decide([NODE], kinds, [(0, offer(0, NODE, 10.0))], question())
    assert used(found) == {1}
    assert [n for _, n in found.purchase] == [3]  # two tp4 replicas a node: 4/s, ceil(10/4)


def test_one_try_spares_the_search_where_a_rival_is_settled(decide):
    """Kind 1 promises 9/s but breaks at the settled 6/s of kind 0: one run, no search."""
    kinds = [Kind(0, 8, bound=10, true=6), Kind(0, 8, bound=9, true=5)]
    found, rates, simulator = decide([NODE], kinds, [(0, offer(0, NODE, 10.0))], question())
    assert (simulator.settled, simulator.tried) == ([0], [1])
    assert used(found) == {0}
    assert 5 <= rates.rate[1] < 6  # a bound still, above the truth


def test_nothing_feasible_even_with_optimistic_rates(decide):
    kinds = [Kind(0, 8, bound=6, true=6)]
    offers = [(0, offer(0, NODE, 10.0, stock=1))]
    found, _, simulator = decide([NODE], kinds, offers, question())
    assert found.solution.outcome.status is Status.INFEASIBLE
    assert found.purchase == () and simulator.settled == []


def test_infeasible_once_the_rates_are_known(decide):
    kinds = [Kind(0, 8, bound=12, true=6)]
    offers = [(0, offer(0, NODE, 10.0, stock=1))]
    found, _, _ = decide([NODE], kinds, offers, question())
    assert found.solution.outcome.status is Status.INFEASIBLE
    assert found.purchase == ()


def test_without_any_kind(decide):
    found, _, _ = decide([NODE], [], [(0, offer(0, NODE, 10.0))], question())
    assert found.solution.outcome.status is Status.INFEASIBLE


def test_kinds_that_are_not_allowed_are_not_used(decide):
    kinds = [Kind(0, 8, bound=12, true=12), Kind(0, 8, bound=6, true=6)]
    found, _, simulator = decide(
        [NODE], kinds, [(0, offer(0, NODE, 10.0))], question(), allowed=lambda p: p == 1
    )
    assert used(found) == {1}
    assert 0 not in simulator.settled


def test_out_of_time_is_no_plan_and_no_claim(decide):
    kinds = [Kind(0, 8, bound=12, true=6)]
    found, _, _ = decide([NODE], kinds, [(0, offer(0, NODE, 10.0))], question(), simulations=0)
    assert found.solution.outcome.status is Status.NOT_REACHED
    assert found.purchase == ()
    assert "--time-limit" in found.solution.outcome.message
    assert STANDS not in found.solution.outcome.message


def test_out_of_time_keeps_the_plan_of_simulated_kinds_and_its_gap(decide):
    """Kind 0 promises 12/s and keeps 6/s: two nodes, 20 $/h. Kind 1 promises 10/s at 11 $/h and is
    not simulated in time: 20 $/h is at most (20 - 11) / 20 = 45 % too dear."""
    kinds = [Kind(0, 8, bound=12, true=6), Kind(1, 8, bound=10, true=10)]
    offers = [(0, offer(0, NODE, 10.0)), (1, offer(1, TWO, 11.0))]
    found, _, _ = decide([NODE, TWO], kinds, offers, question(), simulations=1)
    assert found.solution.outcome.status is Status.FEASIBLE
    assert used(found) == {0} and cost_usd_per_h(found.purchase) == 20
    assert found.solution.gap == pytest.approx(0.45)
    assert "--time-limit" in found.solution.outcome.message and not found.interrupted
    assert found.solution.outcome.message.endswith(STANDS)  # what holds, and what was not shown


def test_out_of_time_one_kind_alone_is_still_one(decide):
    """Simulated in time: 6/s at 10 $/h and 4/s at 8 $/h. One of each carries 10/s for 18 $/h, but
    of one kind it is two nodes for 20 $/h, or three for 24."""
    kinds = [Kind(0, 8, 12, true=6), Kind(1, 8, 11, true=4), Kind(2, 8, 10, true=10)]
    nodes = [NODE, TWO, machine(2, 8)]
    prices = [10.0, 8.0, 11.0]
    offers = [
        (i, offer(i, node, usd)) for i, (node, usd) in enumerate(zip(nodes, prices, strict=True))
    ]
    found, rates, _ = decide(nodes, kinds, offers, question(single=True), simulations=2)
    assert rates.settled.tolist() == [True, True, False]
    assert used(found) == {0} and cost_usd_per_h(found.purchase) == 20


@pytest.mark.parametrize(("then", "status"), [((), Status.OPTIMAL), (("power",), Status.FEASIBLE)])
def test_ties_not_broken_in_time_leave_the_optimum_and_goals_do_not(
    then, status, decide, monkeypatch
):
    """Least power among plans of 20 $/h is never decided: it breaks ties, or is the second goal."""
    import recommender.decision.solved as module

    solve = module.solve_single_service

    def late(problem, **more):
        found = solve(problem, **more)
        if len(problem.objectives) == 1:
            return found
        return replace(found, counts={}, groups={}, outcome=Outcome(Status.NOT_REACHED))

    monkeypatch.setattr(module, "solve_single_service", late)
    kinds = [Kind(0, 8, bound=12, true=6), Kind(1, 8, bound=10, true=10)]
    offers = [(0, offer(0, NODE, 10.0)), (1, offer(1, TWO, 25.0))]
    found, _, _ = decide([NODE, TWO], kinds, offers, question(then=then))
    assert found.solution.outcome.status is status
    assert used(found) == {0} and cost_usd_per_h(found.purchase) == 20


def test_interrupted_keeps_the_plan_of_simulated_kinds(decide, monkeypatch):
    import recommender.decision.decider as decision_module

    calls = []

    def interrupted(*arguments: object) -> bool:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return False

    kinds = [Kind(0, 8, bound=12, true=6), Kind(1, 8, bound=10, true=10)]
    offers = [(0, offer(0, NODE, 10.0)), (1, offer(1, TWO, 11.0))]
    settle = decision_module.Decider.settle
    monkeypatch.setattr(decision_module.Decider, "settle", lambda *a: interrupted() or settle(*a))
    found, _, _ = decide([NODE, TWO], kinds, offers, question())
    assert found.interrupted and found.solution.outcome.status is Status.FEASIBLE
    assert cost_usd_per_h(found.purchase) == 20 and found.solution.gap == pytest.approx(0.45)


def test_interrupted_before_any_plan_is_interrupted(decide, monkeypatch):
    import recommender.decision.decider as decision_module

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(decision_module.Decider, "settle", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decide([NODE], [Kind(0, 8, bound=12, true=6)], [(0, offer(0, NODE, 10.0))], question())


def test_single_takes_one_kind_of_group_only(decide):
    """Q = 10/s. Mixed: one node of 8/s and one of 2/s, 8 + 2 = 10 $/h. Alone: two of 8/s cost
    16 $/h, five of 2/s cost 10 $/h with stock for four only."""
    kinds = [Kind(0, 8, bound=8, true=8), Kind(1, 8, bound=2, true=2)]
    offers = [(0, offer(0, NODE, 8.0)), (1, offer(1, TWO, 2.0, stock=4))]
    mixed, _, _ = decide([NODE, TWO], kinds, offers, question())
    alone, _, _ = decide([NODE, TWO], kinds, offers, question(single=True))
    assert cost_usd_per_h(mixed.purchase) == 10
    assert cost_usd_per_h(alone.purchase) == 16
    assert len(alone.purchase) == 1


def test_single_compares_kinds_at_their_settled_rates(decide):
    """Kind 0 promises 10/s and keeps 4/s: 3 nodes, 30 $/h; machine 1 keeps 10/s at 20 $/h."""
    kinds = [Kind(0, 8, bound=10, true=4), Kind(1, 8, bound=10, true=10)]
    offers = [(0, offer(0, NODE, 10.0)), (1, offer(1, TWO, 20.0))]
    alone, _, _ = decide([NODE, TWO], kinds, offers, question(single=True))
    assert cost_usd_per_h(alone.purchase) == 20


def test_out_of_time_rows_that_compare_rates_leave_the_bound_without_them(decide):
    """At most half of the capacity is from one seller. Kind 0 of p keeps 10/s at 10 $/h; kind 2 of
    q promises 12/s at 15 $/h and keeps 5/s, so that one and two nodes cost 40 $/h; kind 1 of q, at
    16 $/h, is not simulated in time. Without the shares 10 $/h are enough: at most 30/40 too dear.
    """
    kinds = [Kind(0, 8, bound=12, true=10), Kind(1, 8, bound=10, true=10)]
    kinds.append(Kind(2, 8, bound=12, true=5))
    machines = [NODE, TWO, replace(TWO, network_gb_per_s=1.0)]
    offers = [
        (n, offer(n, machine, usd).model_copy(update={"provider": seller}))
        for n, (machine, usd, seller) in enumerate(
            zip(machines, (10.0, 16.0, 15.0), "pqq", strict=True)
        )
    ]
    asked = question(max_provider_share=0.5)
    found, _, _ = decide(machines, kinds, offers, asked, simulations=2)
    assert found.solution.outcome.status is Status.FEASIBLE
    assert used(found) == {0, 2} and cost_usd_per_h(found.purchase) == 40
    assert found.solution.gap == pytest.approx(30 / 40)


def test_out_of_time_limits_that_grow_with_rates_leave_no_bound(decide):
    """Kinds 3 and 4, of p and q at 2 $/h, promise 14/s, keep 10/s and are not simulated in time.
    One of each costs 4 $/h, where kinds 0 and 2 cost 30 + 2 * 15 = 60. But 1.3 MB/s of network move
    13 requests/s of 100 kB: at what they promise they are not looked at, and the best of the others
    without the shares, kind 1 at 16 $/h, bounds nothing."""
    promised_and_kept = ((12, 10), (10, 10), (12, 5), (14, 10), (14, 10))
    kinds = [Kind(n, 8, bound, true) for n, (bound, true) in enumerate(promised_and_kept)]
    machines = [machine(n, 8) for n in range(5)]
    sold = zip(machines, (30.0, 16.0, 15.0, 2.0, 2.0), "pqqpq", strict=True)
    offers = [
        (n, offer(n, node, usd, provider=seller).model_copy(update={"network_gb_per_s": 1.3e-3}))
        for n, (node, usd, seller) in enumerate(sold)
    ]
    asked = question(max_provider_share=0.5, max_network_share=1.0, request_bytes=1e5)
    found, _, _ = decide(machines, kinds, offers, asked, simulations=2)
    assert found.solution.outcome.status is Status.FEASIBLE
    assert used(found) == {0, 2} and cost_usd_per_h(found.purchase) == 60
    assert found.solution.gap is None


@pytest.mark.parametrize("changes", [{"objective": "energy"}, {"carbon_g_per_h": 1.0}])
def test_planned_power_grows_with_rates(changes):
    assert question(**changes).grows_with_rates and not question().grows_with_rates


def test_bounds_that_are_too_high_hide_no_plan_where_rows_compare_rates(decide):
    """Sellers p and q, each at most half of what is carried, 20/s asked. Two of p (10/s each, 30 $)
    and two of q (10/s each, 16 $) are 92 $; the second kind of q is promised 12/s, which would be
    more than half beside one of p, and carries 5/s: one of p, two of those (15 $ each), 60 $, or
    one of p and one of q, 46 $.
    """
    machines = [machine(n, 1) for n in range(3)]
    kinds = [Kind(0, 1, 12, 10), Kind(1, 1, 12, 10), Kind(2, 1, 12, 5)]
    offers = [
        (n, offer(n, machines[n], usd, provider=seller))
        for n, (usd, seller) in enumerate(((30.0, "p"), (16.0, "q"), (15.0, "q")))
    ]
    found, rates, _ = decide(machines, kinds, offers, question(max_provider_share=0.5))
    assert found.solution.outcome.status is Status.OPTIMAL
    assert cost_usd_per_h(found.purchase) == 46
    assert rates.settled.all()
