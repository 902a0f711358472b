"""Limits that repairs offer are counted as the rows count them: rounded up group by group."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_repairs_simulated import repaired

from recommender import Spec, recommend
from recommender.decision.decision import Decision
from recommender.explanation.counted import counted, counted_usd_per_h, counted_w
from recommender.explanation.repairs import LIMITS, _shown
from recommender.formulation.failure_group import FailureGroup
from recommender.program.canonical import power_units, price_units

GROUP = FailureGroup(
    name="g", offer="o", provider="p", region="r", accelerator="X", nodes=1, accelerators=1,
    replicas={"0": 1}, requests_per_s=1.0, usd_per_h=1.0, nameplate_w=1000.0, stock=None,
)  # fmt: skip
THE_OFFER = {"model": "8b", "qps": "2000", "p99": "500ms", "gpu": "L40S", "provider": "aws"}
RESERVED = THE_OFFER | {"terms": "reserved_1yr", "fast": True, "budget": "$5/h"}


def bought(*groups):
    return Decision(solution=None, purchase=groups, rounds=1)


def test_the_sum_of_rounded_watts():
    """193 * 1787.5 + 3 * 6666.67 = 364,987.5 W;  193 * 1788 + 3 * 6667 = 365,085 W."""
    small, large = replace(GROUP, nameplate_w=1787.5), replace(GROUP, nameplate_w=20000 / 3)
    assert counted_w(bought((small, 193), (large, 3))) == 365_085.0


def test_the_sum_of_rounded_prices():
    """2182 * $1.172422 = $2,558.2248;  2182 * $1.1725 = $2,558.395."""
    dear = replace(GROUP, usd_per_h=1.172422)
    assert counted_usd_per_h(bought((dear, 2182))) == pytest.approx(2558.395, abs=1e-9)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--max-nodes", 3), ("--max-accelerators", 3), ("--power", 3), ("--budget", 3.52)],
)
def test_what_is_tried_again_is_the_figure_shown_and_a_count_is_whole(flag, value):
    """Bounds of columns are integers: 3.0 nodes ended a solve in a traceback."""
    group = replace(GROUP, usd_per_h=1.171, nameplate_w=1000.0)
    limit = next(limit for limit in LIMITS if limit.flag == flag)
    shown = _shown(limit, bought((group, 3)))
    assert shown == (3000 if flag == "--power" else value) and type(shown) is type(value)


@given(st.floats(0.01, 500.0), st.floats(1.0, 20_000.0))
def test_a_count_is_never_less_and_is_that_of_the_row(usd_per_h, watts):
    exact = replace(GROUP, usd_per_h=usd_per_h, nameplate_w=watts)
    group = counted(exact)
    assert usd_per_h <= group.usd_per_h < usd_per_h + 1.0001e-4
    assert watts <= group.nameplate_w <= watts + 1.0  # 1 + 2e-16 counts 2
    assert price_units(usd_per_h=group.usd_per_h) == price_units(usd_per_h=usd_per_h)
    assert power_units(watts=group.nameplate_w) == power_units(watts=watts)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"min_utilisation": "60%"},
        {"terms": "reserved_1yr,on_demand", "profile": "0-8h:30%,8-24h:100%"},
    ],
    ids=str,
)
def test_a_budget_of_prices_with_six_decimals_is_offered_and_holds(facts, given):
    """Whatever stops a plan alone is offered: the least budget was a few cents too small here,
    and with a least use, for which offers are tried, nothing was offered at all.
    """
    asked = RESERVED | given
    plan = recommend(Spec(**asked), catalog=facts, front=False, explain=False)
    (cause,) = (line for line in plan.binding if line.startswith("--budget"))
    (repair,) = (r for r in plan.repairs if r.change == "--budget")
    amount = repair.value.removeprefix("at least ").split(" (")[0]
    assert cause.endswith(f"uses {amount}")
    mended = recommend(Spec(**repaired(asked, repair)), catalog=facts, front=False, explain=False)
    assert mended.status == "optimal"
    assert mended.deployments[0].rate_basis.startswith("closed form")  # nothing had to be simulated
