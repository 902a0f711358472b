"""Plans that run something else than what was asked for, or claims that contradict each other."""

from dataclasses import replace

import pytest

from recommender.audit import asked, proof
from recommender.audit.finding import equal


def with_first(plan, **changes):
    first, *others = plan.deployments
    return replace(plan, deployments=(replace(first, **changes), *others))


def with_law(plan, **changes):
    return with_first(plan, step_law={**plan.deployments[0].step_law, **changes})


def with_target(plan, **changes):
    first, *others = plan.targets
    return replace(plan, targets=(replace(first, **changes), *others))


LIES = {
    "another seller": (lambda p: with_first(p, provider="nobody"), "seller and accelerator"),
    "another card": (lambda p: with_first(p, accelerator="H100 NVL 94GB"), "seller and acc"),
    "another engine": (lambda p: with_first(p, engine="sglang"), "engine"),
    "four bits": (lambda p: with_first(p, precision="w4a16"), "formats are among those"),
    "small cache": (lambda p: with_first(p, kv_precision="fp8"), "formats are among those"),
    "drafts": (lambda p: with_law(p, verified_tokens=4.0), "verified and gained"),
    "two at a time": (lambda p: with_law(p, tokens_per_step=2.0), "verified and gained"),
    "slices": (
        lambda p: with_first(p, sharing="mig-1g.10gb", instances_per_accelerator=7),
        "shared as asked for",
    ),
    "unsaid": (lambda p: with_first(p, instances_per_accelerator=2), "instances share where"),
    "another model": (lambda p: replace(p, model="someone's"), "models of the plan"),
    "looser": (lambda p: with_target(p, limit_s=p.targets[0].limit_s * 1.01), "target TTFT p99"),
    "no limit": (lambda p: with_target(p, limit_s=0.0), "target TTFT p99"),
    "rarer": (lambda p: with_target(p, percentile=0.9), "target TTFT p99"),
    "another metric": (lambda p: with_target(p, metric="e2e"), "target TTFT p99"),
    "a target fewer": (lambda p: replace(p, targets=p.targets[:1]), "target TPOT p99"),
    "goodput": (lambda p: replace(p, goodput=0.5), "goodput of the plan"),
    "horizon": (
        lambda p: replace(p, totals=replace(p.totals, horizon_h=8760.0)),
        "hours of the horizon",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_finds_what_was_not_asked_for(lie, planned, facts):
    plan, spec = planned("8b")
    change, promise = LIES[lie]
    found = [f.promise for f in asked.findings(change(plan), spec, facts) if not f.holds]
    assert found and all(promise in name for name in found), found


def test_a_tighter_target_is_no_lie(planned, facts):
    plan, spec = planned("8b")  # `--minimize latency` makes the first one tighter
    tighter = with_target(plan, limit_s=plan.targets[0].limit_s / 2)
    assert all(f.holds for f in asked.findings(tighter, spec, facts))


CLAIMS = {
    "a bound above": (lambda p: replace(p, bound=p.objective * 1.01), "bound of the objective"),
    "another gap": (lambda p: replace(p, gap=0.01), "gap to the bound"),
    "optimal below its bound": (
        lambda p: replace(p, bound=p.objective * 0.99, gap=0.01),
        "an optimal plan reaches its bound",
    ),
    "optimal without a bound": (lambda p: replace(p, bound=None, gap=None), "reaches its bound"),
    "no plan": (lambda p: replace(p, status="infeasible"), "status is that of a plan"),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_finds_claims_that_contradict_each_other(claim, planned):
    plan, spec = planned("8b")
    change, promise = CLAIMS[claim]
    assert all(f.holds for f in proof.findings(plan, spec))
    found = [f.promise for f in proof.findings(change(plan), spec) if not f.holds]
    assert any(promise in name for name in found), found


def test_a_plan_with_a_gap_may_be_feasible(planned):
    plan, spec = planned("8b")
    cut_short = replace(plan, status="feasible", bound=plan.objective * 0.9, gap=0.1)
    assert all(f.holds for f in proof.findings(cut_short, spec))


@pytest.mark.parametrize("stated", [0.0, 3.0, 1e30, float("nan")])
def test_no_number_equals_one_that_is_not_known(stated):
    """Infinite where it is re-derived, as the time to read from drives of unknown speed."""
    assert not equal("time", stated, float("inf"), "s").holds
    assert not equal("time", float("inf"), stated, "s").holds
