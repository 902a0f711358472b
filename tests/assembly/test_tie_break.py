"""The chosen plan is on the front: no plan of one deployment is as good everywhere and faster."""

import pytest

from recommender import Spec, recommend
from recommender.assembly.tie_break import fastest_of_equals
from recommender.decision.purchase_value import purchase_value
from recommender.decision.study_of import study_of

ASKED = {
    "8b": {"model": "8b", "qps": "20", "p99": "500ms", "gpu": "H100,L40S,L4"},
    "8b e2e": {"model": "8b", "qps": "20", "e2e_p99": "20s", "gpu": "H100,L40S,L4"},
    "70b": {"model": "70b", "qps": "12", "p99": "1500ms", "gpu": "H100,H200,B200"},
    "70b power": {"model": "70b", "qps": "12", "p99": "1500ms", "minimize": "power"},
    "236b": {"model": "236b", "qps": "40", "p99": "1s", "gpu": "H100,H200,B200"},
    "limited": {"model": "8b", "qps": "20", "p99": "500ms", "max_nodes": 4, "gpu": "H100,L40S"},
}


def beaten(plan):
    """Points of the front that are at least as good on every axis and better on one."""
    (chosen,) = [p for p in plan.front if p.chosen]

    def axes(p):
        return (
            round(p.cost_usd_per_h * 1e4),
            round(p.p99_s * 1e6),
            round(p.power_w),
            round(p.quality_loss_pct * 1e3),
        )

    mine = axes(chosen)
    return [
        p
        for p in plan.front
        if axes(p) != mine and all(a <= b for a, b in zip(axes(p), mine, strict=True))
    ]


@pytest.mark.parametrize("name", ASKED)
def test_nothing_beats_the_chosen_plan(name, facts):
    spec = Spec(**ASKED[name], fast=True)
    plan = recommend(spec, catalog=facts, explain=False, most_front_points=None)
    assert plan.status == "optimal"
    assert all(f.holds for f in plan.audit)
    assert beaten(plan) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["8b", "70b"])
def test_nothing_beats_the_chosen_plan_when_simulated(name, facts):
    plan = recommend(Spec(**ASKED[name]), catalog=facts, explain=False, most_front_points=None)
    assert all(f.holds for f in plan.audit)
    assert beaten(plan) == []


@pytest.mark.parametrize("name", ASKED)
def test_only_latency_may_change(name, facts):
    study = study_of(Spec(**ASKED[name], fast=True), catalog=facts)
    first = study.decide()
    second = fastest_of_equals(study, first)
    for objective in study.question.objectives:
        assert purchase_value(objective, second.purchase) == pytest.approx(
            purchase_value(objective, first.purchase), rel=1e-9
        )


def test_without_a_plan_there_is_nothing_to_compare(facts):
    spec = Spec(model="8b", qps="20", p99="500ms", gpu="L4", budget="$0.01/h", fast=True)
    study = study_of(spec, catalog=facts)
    nothing = study.decide()
    assert fastest_of_equals(study, nothing) is nothing
