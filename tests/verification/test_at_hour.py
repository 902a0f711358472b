"""A period of a day's plan is replayed, and audited, like a plan of its own."""

from dataclasses import replace

import pytest

from recommender import Spec, recommend
from recommender.errors import SpecError
from recommender.report.json_plan import from_json, to_json
from recommender.request.spec_file import make_spec
from recommender.verification.at_hour import at_hour, hour_of


@pytest.fixture(scope="module")
def plan(facts):
    """By day a mix of nodes, by night none, in the evening others."""
    spec = Spec(
        model="8b", qps="50", p99="300ms", fast=True, gpu="H100,L40S,H200",
        profile="0-8h:0%,8-20h:100%,20-24h:30%", budget="$40/h", start_up="10min",
    )  # fmt: skip
    return from_json(to_json(recommend(spec, catalog=facts, front=False, explain=False)))


@pytest.mark.parametrize("hour", [8.0, 19.99, 20.0, 23.5])
def test_a_period_is_a_plan_that_its_audit_confirms(plan, facts, hour):
    from recommender.audit import audit

    alone = at_hour(plan, hour)
    spec = make_spec(alone.spec)
    assert spec.qps == pytest.approx(50.0 if hour < 20 else 15.0)
    assert alone.periods == ()
    assert [f for f in audit(alone, spec, facts, replay=False) if not f.holds] == []


@pytest.mark.parametrize(
    ("hour", "message"),
    [(3.0, "no demand"), (24.0, "from 0h to just below 24h"), (-1.0, "from 0h to just below 24h")],
)
def test_hours_without_anything_to_replay(plan, hour, message):
    with pytest.raises(SpecError, match=message):
        at_hour(plan, hour)


def test_a_plan_of_one_rate_has_no_hours(plan):
    with pytest.raises(SpecError, match="for one rate"):
        at_hour(replace(plan, periods=()), 3.0)


def test_hours_as_people_write_them():
    assert (hour_of("3h"), hour_of(" 8.5h"), hour_of("20")) == (3.0, 8.5, 20.0)
    for text in ("noon", "nan", "3:00"):
        with pytest.raises(SpecError, match="write it like 3h"):
            hour_of(text)
