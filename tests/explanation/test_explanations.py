"""Ledger, runners-up, binding sentences and the minimal latency: each claim, checked by solving."""

import pytest

from recommender import Spec, recommend
from recommender.decision.study_of import study_of
from recommender.explanation.ledger import WORTH_A_LINE

ASKED = {"model": "8b", "qps": "40", "p99": "500ms", "gpu": "H100,L40S,L4"}


def solved(facts, **changes):
    spec = Spec(**(ASKED | changes), fast=True)
    return recommend(spec, catalog=facts, front=False, explain=False)


@pytest.fixture(scope="module")
def plan(facts):
    return recommend(Spec(**ASKED, fast=True), catalog=facts, front=False)


def line(plan, word):
    (found,) = [entry for entry in plan.ledger if word in entry.margin]
    return found


@pytest.mark.parametrize(
    ("word", "without"), [("headroom", {"headroom": "0%"}), ("redundancy", {"redundancy": "none"})]
)
def test_a_margin_costs_what_the_plan_without_it_saves(word, without, plan, facts):
    cost, other = plan.totals.cost_usd_per_h, solved(facts, **without).totals.cost_usd_per_h
    found = line(plan, word)
    assert found.cost_without_usd_per_h == pytest.approx(other)
    assert found.price_usd_per_h == pytest.approx(cost - other)
    assert found.price_pct == pytest.approx(100 * (cost - other) / cost)


@pytest.mark.parametrize("qps", ["5", "25", "1000"])
def test_margins_that_cover_each_other_are_priced_together(facts, qps):
    """Where each does the other's work, either alone saves less than both: then, and only then,
    the ledger has a line for the two.
    """
    asked = {"qps": qps, "gpu": "H100"}
    plan = recommend(Spec(**(ASKED | asked), fast=True), catalog=facts, front=False)
    without = {"headroom": "0%"}, {"redundancy": "none"}
    costs = [solved(facts, **asked, **off).totals.cost_usd_per_h for off in without]
    bare = solved(facts, **asked, **without[0], **without[1]).totals.cost_usd_per_h
    cost = plan.totals.cost_usd_per_h
    hidden = (cost - bare) - sum(cost - other for other in costs)
    found = [entry for entry in plan.ledger if entry.margin == "the two together"]
    assert len(found) == (hidden > WORTH_A_LINE * cost)
    for entry in found:
        assert entry.price_usd_per_h == pytest.approx(cost - bare)
    shown = {"5": 0, "25": 1}
    assert len(found) == shown.get(qps, len(found))


def test_every_line_adds_up_and_no_margin_pays(plan):
    cost = plan.totals.cost_usd_per_h
    assert len(plan.ledger) >= 4
    for entry in plan.ledger:
        if entry.price_usd_per_h is not None:
            assert entry.cost_without_usd_per_h + entry.price_usd_per_h == pytest.approx(cost)
            assert entry.price_pct == pytest.approx(100 * entry.price_usd_per_h / cost)
            assert entry.price_pct >= -1e-9


def test_margins_that_are_off_have_no_line(facts):
    plan = recommend(
        Spec(**ASKED, redundancy="none", headroom="0%", fast=True), catalog=facts, front=False
    )
    margins = " ".join(entry.margin for entry in plan.ledger)
    assert "headroom" not in margins and "redundancy" not in margins


def test_runners_up_are_the_best_without_what_won(plan, facts):
    dearest = max(plan.deployments, key=lambda d: d.cost_usd_per_h)
    by_restriction = {r.restriction: r for r in plan.runners_up}
    without = by_restriction[f"without {dearest.accelerator}"]
    alone = solved(facts, gpu=f"{ASKED['gpu']},!{dearest.accelerator}")
    assert without.cost_usd_per_h == pytest.approx(alone.totals.cost_usd_per_h)
    assert f"without {dearest.provider}" in by_restriction
    for runner in plan.runners_up:
        if runner.cost_usd_per_h is not None:
            assert runner.cost_usd_per_h >= plan.totals.cost_usd_per_h * (1 - 1e-9)
            extra = runner.cost_usd_per_h / plan.totals.cost_usd_per_h - 1
            assert runner.cost_pct == pytest.approx(100 * extra, abs=1e-6)


def test_what_binds_is_said(plan):
    assert plan.binding
    assert any("latency" in sentence for sentence in plan.binding)


def test_a_budget_that_binds_is_named(facts):
    least = solved(facts).totals.cost_usd_per_h
    spec = Spec(**ASKED, budget=f"${least + 0.001}/h", fast=True)
    plan = recommend(spec, catalog=facts, front=False)
    assert any("budget" in sentence for sentence in plan.binding)


def test_effects_of_defaults_are_their_prices(plan):
    prices = {entry.margin: entry.price_pct for entry in plan.ledger}
    for assumption in plan.assumptions:
        if assumption.effect and assumption.name in ("headroom", "redundancy"):
            (price,) = [p for margin, p in prices.items() if assumption.name in margin]
            assert price > 10 and f"{price:.0f} %" in assumption.effect


@pytest.mark.parametrize("budget", ["$15/h", "$20/h", "$60/h"])
def test_no_smaller_level_of_latency_is_feasible(budget, facts):
    """The level found is feasible; a request for a tenth less, with the same money, is not."""
    plan = solved(facts, minimize="latency", budget=budget)
    assert plan.status == "optimal"
    assert plan.totals.cost_usd_per_h <= float(budget[1:-2]) * (1 + 1e-9)
    tighter = ASKED | {"p99": f"{plan.totals.p99_s * 0.9e3}ms", "budget": budget}
    assert not study_of(Spec(**tighter, fast=True), catalog=facts).decide().purchase


def test_a_small_budget_is_shown_in_cents(facts):
    """What a tight budget leaves is not rounded away."""
    cost = solved(facts).totals.cost_usd_per_h
    spec = Spec(**ASKED, budget=f"${cost + 0.01:.2f}/h", fast=True)
    plan = recommend(spec, catalog=facts, front=False)
    assert f"budget: ${cost:.4g}/h of ${cost + 0.01:.4g}/h used" in plan.binding


def test_a_latency_nobody_can_pay_for_says_what_would_help(facts):
    plan = solved(facts, minimize="latency", budget="$1/h")
    assert plan.status == "infeasible"
    assert any(r.change == "--budget" for r in plan.repairs)
