"""Of several losses that a plan is to survive, the one that cannot be is named; the rest stays."""

import pytest

from recommender import Spec, recommend

ASKED = {"model": "8b", "qps": "20", "p99": "500ms", "fast": True, "provider": "nebius"}
H100 = ASKED | {"gpu": "H100"}


def solve(facts, asked):
    """The plan, without front and explanation."""
    return recommend(Spec(**asked), catalog=facts, front=False, explain=False)


def of_losses(plan):
    """(flag, value) of each repair that leaves a loss out."""
    found = [(r.change, r.value) for r in plan.repairs]
    return [pair for pair in found if pair[0] in ("--survive", "--redundancy")]


def test_the_other_losses_are_still_survived(facts):
    """Nebius sells H100 in three zones, by this spec, but it is one type of accelerator."""
    asked = H100 | {"survive": "zone,accelerator", "zones": 3, "redundancy": "none"}
    plan = solve(facts, asked)
    assert plan.status == "infeasible"
    assert of_losses(plan) == [("--survive", "zone")]
    assert [line.split(":")[0] for line in plan.binding] == ["--survive accelerator"]
    repaired = solve(facts, asked | {"survive": "zone"})
    cost = f"${repaired.totals.cost_usd_per_h:.2f}/h"
    assert cost in next(r.witness for r in plan.repairs if r.change == "--survive")
    assert len({p.zone for p in repaired.placements}) >= 2


def test_all_losses_where_no_single_one_is_to_blame(facts):
    """One type in one region: neither may be lost."""
    asked = H100 | {"survive": "region,accelerator", "redundancy": "none"}
    plan = solve(facts, asked)
    assert of_losses(plan) == [("--survive", "without --survive")]
    assert plan.binding[0].startswith("--survive region,accelerator:")
    assert solve(facts, {k: v for k, v in asked.items() if k != "survive"}).status == "optimal"


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ({"survive": "zone"}, ("--survive", "without --survive")),
        ({"redundancy": "zone"}, ("--redundancy", "none")),
        (
            {"redundancy": "zone", "survive": "zone"},
            ("--survive", "left out and --redundancy none"),
        ),
    ],
)
def test_a_zone_is_left_out_of_the_flags_that_ask_for_it(facts, more, change):
    plan = solve(facts, H100 | {"redundancy": "none"} | more)
    assert plan.status == "infeasible"
    assert change in of_losses(plan)
