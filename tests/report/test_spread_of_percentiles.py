"""A percentile that a run of the same length may find higher says so, beside the figure."""

from dataclasses import replace

import pytest
from sample_plan import PLAN

from recommender.plan import Plan
from recommender.report.terminal import to_text
from recommender.slo import Target


def uncertain(half_s: float) -> Plan:
    assert PLAN.totals is not None
    first = replace(PLAN.deployments[0], targets_s=(2.0,), targets_half_width_s=(half_s,))
    others = tuple(replace(d, targets_s=(1.0,)) for d in PLAN.deployments[1:])
    return replace(
        PLAN,
        targets=(Target("ttft", 3.0),),
        goodput=None,
        totals=replace(PLAN.totals, p99_s=2.0),
        deployments=(first, *others),
    )


@pytest.mark.parametrize(("half_s", "shown"), [(0.039, ""), (0.1, "5 %"), (0.3, "20 %")])
def test_the_spread_stands_beside_the_percentile(half_s: float, shown: str) -> None:
    """0.039 / 2 < 2 %: below what is telling; 0.1 / 2 = 5 %; 0.3 / 2 = 15 %, to one digit 20 %."""
    text = " ".join(to_text(uncertain(half_s), width=120).split())
    if shown:
        assert f"2 s \N{PLUS-MINUS SIGN} {shown} of 3 s" in text
        assert text.count("\N{PLUS-MINUS SIGN}") >= 2  # the answer, and the deployment
    else:
        assert "TTFT p99 2 s of 3 s" in text and "\N{PLUS-MINUS SIGN}" not in text


def test_closed_forms_have_none() -> None:
    plan = uncertain(0.0)
    first = replace(plan.deployments[0], targets_half_width_s=())
    text = to_text(replace(plan, deployments=(first, *plan.deployments[1:])), width=100)
    assert "\N{PLUS-MINUS SIGN}" not in text
