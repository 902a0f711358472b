"""A day of periods, by hand."""

from dataclasses import replace

import pytest
from day_cases import (
    CLOUD,
    OWN,
    RESERVED,
    mean_cost,
    over_day,
)
from single_service_cases import group

from recommender.formulation.periods import Block
from recommender.formulation.solve_periods import solve_over_day
from recommender.solvers.outcome import Status


def test_by_hand_elastic_nodes_are_paid_while_they_run():
    # night ceil(40/20) = 2, day 5, evening 3 nodes of $10: (8*20 + 12*50 + 4*30) / 24 = 36.67
    solution = solve_over_day(question := over_day([CLOUD]))
    assert solution.fleets == ({"cloud": 2}, {"cloud": 5}, {"cloud": 3})
    assert mean_cost(question, solution) == pytest.approx(880 / 24)
    assert solution.solution.outcome.status is Status.OPTIMAL
    assert solution.solution.outcome.proof


def test_by_hand_owned_nodes_run_around_the_clock_and_the_cloud_covers_the_rest():
    # 2 own nodes ($4/h): night 0, day 3, evening 1 rented: 4 + (12*30 + 4*10) / 24 = 20.67
    solution = solve_over_day(question := over_day([CLOUD, OWN]))
    assert solution.fleets == ({"own": 2}, {"cloud": 3, "own": 2}, {"cloud": 1, "own": 2})
    assert mean_cost(question, solution) == pytest.approx(4 + 400 / 24)


def test_by_hand_a_reservation_pays_for_what_runs_long_enough():
    # a node at $10 for x h of 24 against $6 for 24 h: it pays from 14.4 h a day.
    # nodes 1 and 2 run 24 h, node 3 runs 16 h (day, evening): reserved; 4 and 5 run 12 h: rented
    solution = solve_over_day(question := over_day([CLOUD, RESERVED]))
    assert solution.fleets[1] == {"cloud": 2, "reserved": 3}
    assert mean_cost(question, solution) == pytest.approx(3 * 6 + 2 * 10 * 12 / 24)


def test_a_period_without_demand_buys_nothing_by_the_hour():
    off = Block("off", 0.0, 480)
    solution = solve_over_day(question := over_day([CLOUD], (off, Block("on", 100.0, 960))))
    assert solution.fleets == ({}, {"cloud": 5})
    assert mean_cost(question, solution) == pytest.approx(50 * 16 / 24)
    both = solve_over_day(over_day([CLOUD, OWN], (off, Block("on", 100.0, 960))))
    assert both.fleets[0] == {"own": 2}  # it is there and paid


def test_the_budget_is_that_of_the_mean():
    assert solve_over_day(over_day([CLOUD], budget_usd_per_h=36.67)).fleets[1] == {"cloud": 5}
    for groups in ([CLOUD], [CLOUD, group("dear", 20.0, 30.0, committed=True, stock=1)]):
        tight = solve_over_day(over_day(groups, budget_usd_per_h=36.66))
        assert tight.solution.outcome.status is Status.INFEASIBLE
        assert tight.solution.outcome.proof
        assert not any(tight.fleets)


def test_losses_are_survived_in_every_period():
    # N+1: night 40 left without one node of 20 -> 3; day 6; evening 4
    solution = solve_over_day(over_day([CLOUD], failures=1))
    assert solution.fleets == ({"cloud": 3}, {"cloud": 6}, {"cloud": 4})


def test_types_are_counted_over_the_whole_day():
    big = group("big", 50.0, 22.0, accelerator="b")
    small = group("small", 20.0, 10.0, accelerator="s")
    free = solve_over_day(over_day([big, small]))
    assert {name for fleet in free.fleets for name in fleet} == {"big", "small"}
    one = solve_over_day(over_day([big, small], max_types=1))
    assert len({name for fleet in one.fleets for name in fleet}) == 1
    assert one.solution.outcome.proof


def test_utilisation_is_asked_for_at_the_peak_only():
    # 5 nodes of 20 carry 100: used in full at the peak, 2/5 at night with only committed nodes
    question = over_day([group("own", 20.0, 2.0, committed=True)], min_utilisation=1.0)
    assert solve_over_day(question).fleets[0] == {"own": 5}


def test_limits_at_once_hold_in_each_period():
    solution = solve_over_day(over_day([CLOUD, OWN], power_w=5000.0))
    assert solution.fleets[1] == {"cloud": 3, "own": 2}
    assert (
        solve_over_day(over_day([CLOUD, OWN], power_w=4999.0)).solution.outcome.status
        is Status.INFEASIBLE
    )


def test_power_is_that_of_the_busiest_moment_then_of_the_mean_then_cost():
    lean = group("lean", 20.0, 12.0, nameplate_w=900.0)
    question = over_day([CLOUD, lean, OWN], objectives=("power",))
    solution = solve_over_day(question)
    assert solution.fleets == ({"lean": 2}, {"lean": 5}, {"lean": 3})


def test_start_ups_are_paid_and_can_keep_a_node_running_through_a_dip():
    dip = (Block("a", 100.0, 600), Block("dip", 80.0, 60), Block("b", 100.0, 780))
    # without: 5 nodes but 4 for an hour: 50 - 10/24
    free = solve_over_day(question := over_day([CLOUD], dip, start_up_min=0))
    assert mean_cost(question, free) == pytest.approx(50 - 10 / 24)
    # a start of 2 h costs $20, an hour of running on $10
    kept = solve_over_day(over_day([CLOUD], dip, start_up_min=120))
    assert kept.fleets == ({"cloud": 5},) * 3
    # a start of half an hour costs $5: switched off
    off = solve_over_day(over_day([CLOUD], dip, start_up_min=30))
    assert off.fleets[1] == {"cloud": 4}
    # objective in price units x 30 min: (50 * 24 h - 10 + 5) * 2 * 10^4
    assert off.solution.outcome.objective == round((50 * 24 - 10 + 5) * 2 * 1e4)


def test_old_and_new_nodes_overlap_within_the_stock_while_a_period_is_prepared():
    # small is cheaper at night, big by day, on one stock of 3 nodes
    night, day = Block("night", 20.0, 720), Block("day", 60.0, 720)
    small = group("small", 20.0, 1.0, offer="o", stock=3)
    big = group("big", 60.0, 2.0, offer="o", stock=3)
    free = solve_over_day(over_day([small, big], (night, day)))
    assert free.fleets == ({"small": 1}, {"big": 1})
    tight = [replace(small, stock=1), replace(big, stock=1)]
    started = solve_over_day(over_day(tight, (night, day), start_up_min=10))
    assert started.fleets == ({"big": 1}, {"big": 1})  # no room for both
