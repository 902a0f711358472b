"""Of plans at equal cost a runner-up is the fastest: what its own command comes to."""

import pytest

from recommender import Spec, recommend

ASKED = {"model": "70b", "qps": "12", "p99": "1500ms", "gpu": "H100,H200,B200", "fast": True}


@pytest.fixture(scope="module")
def runners(facts):
    plan = recommend(Spec(**ASKED), catalog=facts, front=False)
    return {runner.restriction: runner for runner in plan.runners_up}


def test_a_runner_up_is_as_fast_as_the_plan_of_its_command(runners, facts):
    own = recommend(Spec(**(ASKED | {"gpu": "H200,B200"})), catalog=facts, front=False)
    runner = runners["without H100 80GB SXM5"]
    assert runner.cost_usd_per_h == pytest.approx(own.totals.cost_usd_per_h)
    assert runner.p99_s == pytest.approx(own.totals.p99_s)
    assert runner.power_w == pytest.approx(own.totals.power_nameplate_w)


def test_restrictions_hold_for_the_faster_one_as_well(runners):
    for restriction, runner in runners.items():
        left_out = restriction.removeprefix("without ")
        if left_out != restriction:
            assert left_out not in runner.description
