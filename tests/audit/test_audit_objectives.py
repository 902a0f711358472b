"""Objectives other than cost, emissions, and the p99 at the worst loss: re-derived."""

from dataclasses import replace

import pytest

from recommender import Spec, recommend
from recommender.audit.degraded import findings as degraded_findings
from recommender.audit.degraded import least_left
from recommender.audit.objective import findings as objective_findings
from recommender.plan import Placement
from recommender.request.chosen_workload import chosen_workload
from recommender.request.site_facts import grid_g_per_kwh

ASKED = {"model": "8b", "qps": "40", "p99": "500ms", "fast": True, "provider": "nebius"}
GOALS = ("cost", "power", "energy", "carbon", "accelerators", "nodes")


@pytest.fixture(scope="module")
def solved(facts):
    """Objective -> (plan, spec)."""
    known = {}

    def solve(goal):
        if goal not in known:
            spec = Spec(**ASKED, minimize=goal)
            known[goal] = recommend(spec, catalog=facts, front=False, explain=False), spec
        return known[goal]

    return solve


def broken(findings):
    """Promises that do not hold."""
    return [finding.promise for finding in findings if not finding.holds]


@pytest.mark.parametrize("goal", GOALS)
def test_objectives_are_re_derived(solved, facts, goal):
    plan, spec = solved(goal)
    found = list(objective_findings(plan, spec, facts))
    assert any("objective" in finding.promise for finding in found)
    assert broken(found) == []
    assert [f.promise for f in plan.audit if not f.holds] == []


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_another_objective_is_found(solved, facts, goal, factor):
    plan, spec = solved(goal)
    lie = replace(plan, objective=plan.objective * factor)
    assert any("objective" in promise for promise in broken(objective_findings(lie, spec, facts)))


def test_emissions_are_power_times_pue_times_grid(solved, facts):
    plan, _ = solved("cost")
    grams = sum(
        d.power_w / 1000 * 1.56 * grid_g_per_kwh(facts.offers[d.offer], facts)
        for d in plan.deployments
    )
    assert plan.totals.carbon_kg_per_month == pytest.approx(grams * 0.73)  # 730 h, 1000 g


def test_emissions_of_an_unknown_grid_are_not_stated(facts):
    spec = Spec(**(ASKED | {"provider": "lambda"}))
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert plan.totals.carbon_kg_per_month is None


def test_machines_that_draw_less_than_idle_are_found(solved, facts):
    plan, spec = solved("cost")
    lie = replace(plan, totals=replace(plan.totals, power_w=10.0))
    assert "planned power above idle" in broken(objective_findings(lie, spec, facts))


def placed(plan, groups):
    """The plan with groups of its first deployment only, each of one replica."""
    d = plan.deployments[0]
    one = d.max_requests_per_s / d.dp
    place = Placement(
        offer=d.offer, groups=groups, nodes_per_group=1, replicas={d.name: 1}, requests_per_s=one
    )
    return replace(plan, deployments=(d,), placements=(place,)), one


def test_what_is_left_on_paper(solved, facts):
    plan, spec = solved("cost")
    five, one = placed(plan, 5)
    name = five.deployments[0].name

    def left(**asked):
        return least_left(five, spec.model_copy(update=asked), facts)

    assert left(redundancy="n+2") == {name: pytest.approx(3 * one)}
    assert left(redundancy="none") == {}
    assert left(redundancy="none", survive=("provider",)) == {}  # nothing is left to look at
    wide = facts.offers[five.deployments[0].offer].model_copy(update={"nodes_per_rack": 3})
    racked = replace(facts, offers={wide.name: wide})
    asked = spec.model_copy(update={"redundancy": "none", "survive": ("rack",)})
    assert least_left(five, asked, racked) == {name: pytest.approx(2 * one)}


def test_a_better_p99_at_the_worst_loss_than_a_replay_finds_it(simulated, facts):
    plan, spec = simulated
    workload = chosen_workload(spec, facts)
    assert broken(degraded_findings(plan, spec, facts, workload, replay=True)) == []
    lie = replace(plan, totals=replace(plan.totals, degraded_p99_s=plan.totals.p99_s / 2))
    (promise,) = broken(degraded_findings(lie, spec, facts, workload, replay=True))
    assert "at the worst loss" in promise
    assert list(degraded_findings(lie, spec, facts, workload, replay=False)) == []
