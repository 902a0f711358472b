"""`--profile` at the shell: the answer, and one clear line where it does not go."""

import json

import pytest
from asked import ASKED

DAY = "0-8h:30%,8-24h:100%"


def test_the_plan_of_a_day(recommend):
    run = recommend(*ASKED, "--profile", DAY, "--json", "-q")
    assert run.code == 0
    plan = json.loads(run.out)["plan"]
    assert [p["from_h"] for p in plan["periods"]] == [0.0, 8.0]
    assert plan["totals"]["mean_cost_usd_per_h"] <= plan["totals"]["cost_usd_per_h"]


def test_parts_are_joined(recommend):
    run = recommend(*ASKED, "--profile", "0-8h:30%", "--profile", "8-24h:100%", "--json", "-q")
    assert json.loads(run.out)["spec"]["profile"] == DAY


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("front", *ASKED, "--profile", DAY), "a front compares plans at one rate"),
        (("front", *ASKED, "--mixed", "cost,power", "--profile", DAY), "a front compares"),
        ((*ASKED, "--profile", DAY, "--alternatives", "2"), "--alternatives are plans for one"),
        ((*ASKED, "--profile", DAY, "--single"), "--single buys one kind of node for one rate"),
        ((*ASKED, "--profile", "0-8h:30%"), "nothing is said about 8-24h"),
        ((*ASKED, "--profile", "nothing.json"), "neither periods such as"),
        ((*ASKED, "--start-up", "10min"), "--start-up is the time before a period"),
    ],
)
def test_what_does_not_go(recommend, arguments, hint):
    run = recommend(*arguments, "-q")
    assert run.code == 2
    assert hint in run.complaint


def test_a_sweep_over_profiles_reuses_the_rates(recommend):
    vary = "qps=10,20"
    run = recommend("what-if", *ASKED, "--profile", DAY, "--vary", vary, "--json", "-q")
    assert run.code == 0
    costs = [step["cost_usd_per_h"] for step in json.loads(run.out)["steps"]]
    assert costs[0] <= costs[1]
