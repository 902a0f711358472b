"""min objective, demand, spare[theta], stock, limits, variety == looking at every plan."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import brute_force, group, meets

from recommender.formulation.single_service import SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.solve_single_service import solve_single_service
from recommender.formulation.spare_search import one_row_bound
from recommender.program.row import Row
from recommender.solvers import prove
from recommender.solvers.outcome import Status

GROUPS = st.lists(
    st.builds(
        lambda rate, usd, watts, kind, stock, nodes: {
            "rate": float(rate),
            "usd": usd / 4,
            "nameplate_w": 100.0 * watts,
            "accelerator": f"type{kind}",
            "stock": stock,
            "nodes": nodes,
            "accelerators": 4 * nodes,
        },
        st.integers(3, 30),
        st.integers(10, 200),
        st.integers(1, 9),
        st.integers(0, 2),
        st.sampled_from([None, None, 0, 1, 2]),
        st.integers(1, 2),
    ),
    min_size=1,
    max_size=4,
)
QUESTIONS = st.builds(
    lambda groups, **limits: SingleService(
        groups=tuple(group(f"g{i}", **g) for i, g in enumerate(groups)), **limits
    ),
    GROUPS,
    demand_per_s=st.sampled_from([10.0, 16.0, 25.0]),
    headroom=st.sampled_from([0.0, 0.2, 0.5]),
    failures=st.integers(0, 2),
    budget_usd_per_h=st.sampled_from([None, None, 60.0]),
    power_w=st.sampled_from([None, None, 1200.0]),
    max_accelerators=st.sampled_from([None, None, 20]),
    max_nodes=st.sampled_from([None, None, 5]),
    max_types=st.sampled_from([None, None, 1, 2]),
)


@settings(max_examples=150, deadline=None)
@given(question=QUESTIONS)
def test_optimum_is_that_of_looking_at_every_plan(question):
    solution = solve_single_service(question)
    best = brute_force(question)
    if best is None:
        assert solution.outcome.status is Status.INFEASIBLE
        return
    assert solution.outcome.status is Status.OPTIMAL and prove.is_proven(solution.outcome)
    assert solution.outcome.objective == round(best * 10_000)
    assert meets(question, [(g, solution.counts[g.name]) for g in solution.groups.values()])


@settings(max_examples=150, deadline=None)
@given(question=QUESTIONS, objective=st.sampled_from(["cost", "power", "accelerators", "nodes"]))
def test_pruning_does_not_change_the_optimum(question, objective):
    question = replace(question, objectives=(objective,))
    pruned = solve_single_service(question).outcome
    full = solve_single_service(replace(question, prune=False)).outcome
    assert (pruned.status, pruned.objective) == (full.status, full.objective)


@settings(max_examples=60, deadline=None)
@given(question=QUESTIONS, seed=st.randoms(use_true_random=False))
def test_order_of_the_groups_does_not_matter(question, seed):
    shuffled = list(question.groups)
    seed.shuffle(shuffled)
    other = solve_single_service(replace(question, groups=tuple(shuffled)))
    assert other.counts == solve_single_service(question).counts


@settings(max_examples=60, deadline=None)
@given(question=QUESTIONS)
def test_later_objectives_choose_among_the_optima_of_the_earlier(question):
    both = solve_single_service(replace(question, objectives=("accelerators", "cost")))
    if not both.counts:
        return
    taken = sum(g.accelerators * both.counts[g.name] for g in both.groups.values())
    assert taken == brute_force(question, "accelerators")
    cheapest = brute_force(replace(question, max_accelerators=taken))
    assert both.outcome.objective == round((cheapest or 0.0) * 10_000)


def test_rows_are_the_equations_on_paper():
    question = SingleService(
        groups=(group("a", 80, 8.0), group("b", 40, 5.0)),
        demand_per_s=100.0,
        service="chat",
        power_w=9000.0,
    )
    built = program(question, objective="cost", theta=40_000)
    # one unit is 1e-3 requests/s; (1 + 0.2) * 100_000; 100_000 + 1 * 40_000
    assert built.rows == (
        Row("demand[chat]", {"a": 80_000, "b": 40_000}, ">=", 120_000),
        Row("spare[chat]", {"a": 40_000, "b": 40_000}, ">=", 140_000),
        Row("larger[chat]", {"a": 1}, "<=", 1),
        Row("theta[chat]", {"b": 1}, ">=", 1),
        Row("power", {"a": 1000, "b": 1000}, "<=", 9000),
    )
    # a is larger than theta: at most k = 1; b: max(ceil(120 / 40), ceil(140 / 40)) = 4
    assert [(c.name, c.cost, c.upper) for c in built.columns] == [
        ("a", 80_000, 1),
        ("b", 50_000, 4),
    ]


def test_two_small_groups_beat_big_ones_under_redundancy():
    """Replacing several small groups by a big one is no dominance when one may be lost."""
    groups = (group("A", 80, 80.0), group("B", 40, 42.0))
    question = SingleService(groups=groups, demand_per_s=40, headroom=0.0, failures=1)
    assert solve_single_service(question).counts == {"B": 2}  # 84, not 2 * 80 = 160


def test_better_group_with_a_stock_does_not_push_out_the_others():
    groups = (group("A", 80, 80.0, stock=1), group("B", 80, 90.0))
    question = SingleService(groups=groups, demand_per_s=160, headroom=0.0, failures=0)
    solution = solve_single_service(question)
    assert solution.counts == {"A": 1, "B": 1}  # 80 + 90 = 170; without B: infeasible
    assert solution.outcome.objective == 1_700_000


def test_unit_of_loss_is_the_node():
    """A node of four replicas of 10/s; D = 100: three nodes (120/s) leave 80/s after a loss."""
    question = SingleService(
        groups=(group("node", 40, 10.0),), demand_per_s=100, headroom=0.0, failures=1
    )
    assert solve_single_service(question).counts == {"node": 4}


def test_losing_a_spanning_replica_loses_all_its_nodes():
    spanning = group("span", 100, 20.0, nodes=2, accelerators=16)
    question = SingleService(groups=(spanning,), demand_per_s=100, headroom=0.0, failures=1)
    assert solve_single_service(question).counts == {"span": 2}


def test_headroom_of_a_large_fleet_covers_one_loss_for_free():
    question = SingleService(groups=(group("n", 10, 1.0),), demand_per_s=100, headroom=0.2)
    solution = solve_single_service(question)
    assert solution.counts == {"n": 12} and solution.outcome.objective == 120_000
    assert solution.theta_per_s == 10.0 and solution.binding == ("demand[service]",)


def test_groups_of_one_offer_share_its_stock():
    pattern = {"offer": "o", "stock": 2}
    groups = (
        group("one", 10, 1.0, quality_loss_pct=1.0, **pattern),
        group("two", 25, 2.0, nodes=2, **pattern),
    )
    question = SingleService(groups=groups, demand_per_s=26, headroom=0.0, failures=0)
    assert solve_single_service(question).outcome.status is Status.INFEASIBLE  # 2 x 10, or 25
    enough = replace(question, demand_per_s=25)
    assert solve_single_service(enough).counts == {"two": 1}


@pytest.mark.parametrize("failures", [0, 1])
def test_nothing_to_buy_is_infeasible(failures):
    question = SingleService(groups=(), demand_per_s=1.0, failures=failures)
    assert solve_single_service(question).outcome.status is Status.INFEASIBLE


def test_budget_below_the_cheapest_plan_is_infeasible_and_one_unit_more_is_not():
    question = SingleService(
        groups=(group("n", 10, 1.0),), demand_per_s=100, budget_usd_per_h=11.9999
    )
    assert solve_single_service(question).outcome.status is Status.INFEASIBLE
    enough = replace(question, budget_usd_per_h=12.0)
    assert solve_single_service(enough).outcome.objective == 120_000


def test_tolerance_lets_the_next_objective_choose():
    groups = (
        group("cheap", 10, 10.0, nameplate_w=1000.0),
        group("frugal", 10, 10.2, nameplate_w=400.0),
    )
    question = SingleService(
        groups=groups,
        demand_per_s=100,
        headroom=0.0,
        failures=0,
        objectives=("cost", "power"),
        tolerances=(0.01,),
    )
    # least cost 100 $; 101 $ allows five frugal nodes: 5 * 10 + 5 * 10.2 = 101
    assert solve_single_service(question).counts == {"cheap": 5, "frugal": 5}
    strict = replace(question, tolerances=())
    assert solve_single_service(strict).counts == {"cheap": 10}


@pytest.mark.parametrize("theta", [20_000, 30_000, 50_000])
def test_bound_of_the_spare_row_alone(theta):
    """theta = 30,000, N+1: 130,000 * min(2 / 20,000, 3.5 / 30,000, 5 / 30,000) = 13 $ of a."""
    groups = (group("a", 20, 2.0), group("b", 30, 3.5), group("c", 50, 5.0))
    question = SingleService(groups=groups, demand_per_s=100, failures=1)
    bound = one_row_bound(question, "cost", theta)
    assert bound == {20_000: 120_000, 30_000: 130_000, 50_000: 150_000}[theta]
    program_of = program(question, objective="cost", theta=theta)
    assert bound <= (prove.solve(program_of).objective or 0)
