"""A row that compares rates may fail on bounds that are too high: nothing is infeasible before
every kind on offer is settled."""

import pytest

from recommender.engine import recommend
from recommender.request.spec import Spec

ASKED = {
    "model": "8b",
    "qps": "60",
    "p99": "300ms",
    "gpu": "H100",
    "provider": "nebius",
    "headroom": "0%",
    "redundancy": "none",
}


@pytest.mark.slow
def test_a_utilisation_that_the_free_plan_reaches_is_feasible(facts):
    free = recommend(Spec(**ASKED), catalog=facts, front=False, explain=False)
    used = min(d.utilisation for d in free.deployments)
    asked = ASKED | {"min_utilisation": f"{100 * used - 1:.0f}%"}
    plan = recommend(Spec(**asked), catalog=facts, front=False, explain=False)
    assert plan.status == "optimal"
    assert plan.totals.cost_usd_per_h == pytest.approx(free.totals.cost_usd_per_h)


@pytest.mark.parametrize(
    "limit", [{"min_utilisation": "80%"}, {"min_utilisation": "75%"}, {"max_provider_share": "50%"}]
)
@pytest.mark.parametrize("qps", ["20000", "300000"])
def test_limits_hold_where_a_node_has_few_units_of_rate(qps, limit, facts):
    """Of 300,000/s a node of 13/s has 4.3 units: rounded down, fleets broke them by up to 9 %."""
    asked = {"model": "8b", "qps": qps, "p99": "1s", "gpu": "H100,L40S", "fast": True, **limit}
    plan = recommend(Spec(**asked), catalog=facts, front=False, explain=False)
    assert plan.status == "optimal"
    assert [finding for finding in plan.audit if not finding.holds] == []


@pytest.mark.parametrize(("qps", "said"), [("3000", False), ("300000", True)])
def test_no_plan_by_less_than_rounding_takes_is_said_to_be_that(qps, said, facts):
    """Headroom leaves 83.333 % at most; nodes of 33 units lose up to 3 %."""
    asked = {"model": "8b", "qps": qps, "p99": "1s", "gpu": "H100", "fast": True}
    plan = recommend(Spec(**asked, min_utilisation="83.33%"), catalog=facts, front=False)
    assert plan.status == "infeasible"
    assert any("was not looked for" in warning for warning in plan.warnings) is said


@pytest.mark.parametrize("day", [{}, {"profile": "0-8h:30%,8-24h:100%", "start_up": "30min"}])
def test_a_share_of_many_digits_is_no_larger_a_program(day, facts):
    """As 2/3 prints: 66.66666666666667 %. All of its digits took rows beyond 64 bits."""
    asked = {"model": "8b", "qps": "300", "p99": "1s", "gpu": "H100", "fast": True, **day}
    share = {"max_provider_share": "66.66666666666667%"}
    plan = recommend(Spec(**asked, **share), catalog=facts, front=False, explain=False)
    rounded = asked | {"max_provider_share": "66.6666%"}
    assert plan.status == "optimal"
    known = recommend(Spec(**rounded), catalog=facts, front=False, explain=False)
    assert plan.objective == pytest.approx(known.objective)
    assert [finding for finding in plan.audit if not finding.holds] == []


@pytest.mark.parametrize(("qps", "said"), [("300", False), ("3000000", True)])
def test_what_rounding_takes_off_a_very_large_fleet_is_said(qps, said, facts):
    """Of 3,000,000/s a unit is 30/s: a node of 80 to 120/s loses up to a third of its rate."""
    asked = {"model": "8b", "qps": qps, "p99": "1s", "gpu": "H100", "fast": True}
    plan = recommend(Spec(**asked), catalog=facts, front=False, explain=False)
    assert any("100,000ths of the demand" in warning for warning in plan.warnings) is said
