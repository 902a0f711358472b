"""Models and their quality: kept by plans, found when a plan says otherwise."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from recommender import Spec, recommend
from recommender.audit.models import findings

ASKED = {"qps": "20", "p99": "1s", "gpu": "H100,L40S", "fast": True}
CHOICES = {
    "one": {"model": "70b,8b", "min_quality": "60"},
    "given": {"model": "70b=86,8b=73", "min_quality": "72%"},
    "mixed": {"model": "70b,8b", "min_quality": "55", "mix_models": True},
    "single": {"model": "8b", "min_quality": "0.4"},
}


@pytest.fixture(scope="module")
def solved(facts):
    """Name of a choice -> (plan, spec)."""
    known = {}

    def solve(name):
        if name not in known:
            spec = Spec(**ASKED, **CHOICES[name])
            known[name] = recommend(spec, catalog=facts, front=False, explain=False), spec
        return known[name]

    return solve


def broken(plan, spec, facts):
    """Promises that do not hold."""
    return [f.promise for f in findings(plan, spec, facts) if not f.holds]


def with_first(plan, **changes):
    """The plan with its first deployment changed."""
    first, *rest = plan.deployments
    return replace(plan, deployments=(replace(first, **changes), *rest))


@pytest.mark.parametrize("name", CHOICES)
def test_real_plans_keep_what_they_say_of_models(solved, name):
    plan, _ = solved(name)
    assert plan.status == "optimal"
    assert [finding.promise for finding in plan.audit if not finding.holds] == []


def test_a_model_that_nobody_asked_for(solved, facts):
    plan, spec = solved("given")
    other = with_first(plan, model="Qwen/Qwen3-8B")
    assert "Qwen/Qwen3-8B is among the models asked for" in broken(other, spec, facts)


def test_two_models_where_one_serves(solved, facts):
    plan, spec = solved("mixed")
    assert len({d.model for d in plan.deployments}) == 2
    alone = spec.model_copy(update={"mix_models": False, "min_quality": None})
    assert broken(plan, spec, facts) == []
    assert broken(plan, alone, facts) == ["models that serve"]


def test_quality_that_is_overstated(solved, facts):
    plan, spec = solved("given")
    better = with_first(plan, quality=90.0)
    assert f"{plan.deployments[0].name}: quality" in broken(better, spec, facts)
    told = replace(plan, totals=replace(plan.totals, quality=90.0))
    assert broken(told, spec, facts) == ["mean quality over requests"]


def test_a_name_stands_for_another_kind_in_another_period(solved, facts):
    """What runs at night as d1 has lost 5 %; that of the peak has not."""
    plan, spec = solved("given")
    night = replace(plan.deployments[0], quality_loss_pct=5.0)
    day = replace(plan, periods=(SimpleNamespace(deployments=(night,)),))
    assert broken(day, spec, facts) == []


def test_a_limit_that_the_plan_misses(solved, facts):
    plan, spec = solved("given")
    stricter = spec.model_copy(update={"min_quality": 75.0})
    each = [f"{d.name}: least quality" for d in plan.deployments]
    assert broken(plan, stricter, facts) == [*each, "mean quality"]


def test_the_mean_of_a_mixed_plan_by_hand(solved, facts):
    plan, spec = solved("mixed")
    # MMLU-Pro 67.6 and 47.6 (Llama 3.1, 70B and 8B), no loss in their formats, by share
    points = {"meta-llama/Llama-3.1-70B-Instruct": 67.6, "meta-llama/Llama-3.1-8B-Instruct": 47.6}
    mean = sum(d.share * points[d.model] * (1 - d.quality_loss_pct / 100) for d in plan.deployments)
    assert plan.totals.quality == pytest.approx(mean) and mean >= 55
    stricter = spec.model_copy(update={"min_quality": mean + 0.01})
    assert broken(plan, stricter, facts) == ["mean quality"]
