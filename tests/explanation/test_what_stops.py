"""Requests that no plan meets: what stops them is named, and each repair holds when it is made."""

from dataclasses import replace

import pytest

from recommender import Spec, recommend
from recommender.errors import Infeasible, MissingData

ASKED = {"model": "8b", "qps": "200", "p99": "500ms", "fast": True}


def solve(facts, **more):
    """The plan, without front and explanation."""
    return recommend(Spec(**(ASKED | more)), catalog=facts, front=False, explain=False)


def changes(plan):
    """Flag of each repair."""
    return {repair.change for repair in plan.repairs}


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({"budget": "$1/h"}, "--budget"),
        ({"power": "500W"}, "--power"),
        ({"carbon": "100g/h"}, "--carbon"),
        ({"min_providers": 40}, "--min-providers"),
        (
            {"max_provider_share": "30%", "gpu": "B200", "region": "us-central1"},
            "--max-provider-share",
        ),
        ({"survive": "provider", "gpu": "B200", "region": "us-central1"}, "--survive"),
        ({"racks": "1x8U@40kW", "gpu": "H100"}, "--racks"),
    ],
)
def test_the_limit_is_named_and_can_be_left_out(facts, given, flag):
    plan = solve(facts, **given)
    assert plan.status == "infeasible"
    assert any(line.split(":")[0].split(" ")[0] == flag for line in plan.binding)
    assert flag in changes(plan)
    rest = {key: value for key, value in given.items() if flag != "--" + key.replace("_", "-")}
    assert solve(facts, **rest).status == "optimal"


def test_a_zone_needs_another_one(facts):
    """Nebius sells H100 in one region: one zone as it stands, three where the user knows them."""
    asked = {"redundancy": "zone", "gpu": "H100", "provider": "nebius"}
    plan = solve(facts, **asked)
    assert plan.status == "infeasible"
    assert {"--redundancy", "--zones"} <= changes(plan)
    assert any(line.startswith("--redundancy:") for line in plan.binding)
    repaired = solve(facts, **asked, zones=3)
    assert repaired.status == "optimal"
    assert len({p.zone for p in repaired.placements}) == 3
    assert all(finding.holds for finding in repaired.audit)


@pytest.fixture
def stocked(facts):
    """Stock of every offer -> catalogue."""

    def change(stock):
        offers = {n: o.model_copy(update={"stock": stock}) for n, o in facts.offers.items()}
        return replace(facts, offers=offers)

    return change


def test_no_stock_anywhere(stocked):
    with pytest.raises(Infeasible, match="has any stock"):
        solve(stocked(0))
    assert Infeasible.exit_code == 3


def test_too_little_stock(stocked):
    plan = solve(stocked(1), gpu="L40S,H100", provider="nebius", qps="2000")
    assert plan.status == "infeasible"
    assert any(line.startswith("stock: with enough of it") for line in plan.binding)
    assert "stock" in changes(plan)


def test_a_demand_of_millions_of_nodes(facts):
    plan = solve(facts, model="236b", qps="10000000", p99="200ms")
    assert plan.status == "infeasible"
    (line,) = (line for line in plan.binding if line.startswith("demand:"))
    assert "nodes of the best kind" in line


def test_facts_that_a_limit_needs(facts):
    with pytest.raises(MissingData, match=r"rack units unknown.*overlay"):
        solve(facts, racks="10x42U@40kW", gpu="L4")


def test_limits_that_are_too_tight_together_are_named_with_what_a_plan_takes(facts):
    """Each alone leaves the other: no repair of one value is enough, so both are shown."""
    plan = solve(facts, budget="$1/h", power="500W")
    assert plan.status == "infeasible" and not changes(plan)
    (line,) = (text for text in plan.binding if text.startswith("several limits together"))
    free = solve(facts)
    assert "the cheapest plan without --budget and --power uses $" in line
    assert (
        f"${free.totals.cost_usd_per_h:,.2f}/h and {free.totals.power_nameplate_w:,.0f} W" in line
    )
