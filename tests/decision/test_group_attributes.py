"""What limits look at in a group: bounds on power and carbon, zones, racks, host RAM."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from recommender import Spec, recommend
from recommender.deadline import deadline_in
from recommender.decision.good_enough import good_enough
from recommender.decision.group_attributes import _with_model
from recommender.decision.limited_goals import canonical_use
from recommender.decision.node_limits import NodeFacts, fits_node
from recommender.decision.study_of import study_of
from recommender.explanation.plan_of import plan_of
from recommender.formulation.failure_group import FailureGroup
from recommender.performance.planned_power import busy_power_w
from recommender.request.site_facts import (
    grid_g_per_kwh,
    place_is_known,
    pue_of,
    rack_units,
    zones_of,
)
from recommender.what_if.override import override

ASKED = {"model": "8b", "qps": "80", "p99": "500ms", "fast": True, "gpu": "H100,H200,L40S"}


@pytest.fixture(scope="module")
def thrifty(facts):
    """A study that minimises carbon, and its decision."""
    spec = Spec(**ASKED, minimize="carbon")
    study = study_of(spec, catalog=facts, deadline=deadline_in(3600))
    return study, study.decide()


def test_planned_power_is_a_bound_on_the_plans(thrifty):
    """Every group at 1/(1+h) of its rate and never idle draws more than the plan does."""
    study, decision = thrifty
    bound_w = sum(group.planned_w * count for group, count in decision.purchase)
    totals = plan_of(study, decision).totals
    assert totals.power_w <= bound_w <= totals.power_nameplate_w


def test_carbon_is_power_times_pue_times_grid(thrifty, facts):
    study, _ = thrifty
    groups = study.decider.groups(study.enumeration.market, study.question)
    for group in groups[:50]:
        grid = grid_g_per_kwh(facts.offers[group.offer], facts)
        assert group.carbon_g_per_h == pytest.approx(group.planned_w / 1000 * 1.56 * grid)


def test_a_cap_at_the_least_emission_holds(thrifty, facts):
    study, decision = thrifty
    least = canonical_use("carbon", decision.purchase)
    spec = Spec(**ASKED, carbon=f"{least / 1000}kg/h")
    plan = recommend(spec, catalog=facts, front=False, explain=True)
    assert plan.status == "optimal"
    assert all(finding.holds for finding in plan.audit)
    assert any(line.startswith("carbon (bound)") for line in plan.binding)
    assert not study.decide(objective="cost", carbon_g_per_h=least - 1).purchase


def test_the_least_energy_is_no_more_than_that_of_the_cheapest(facts):
    planned = {}
    for goal in ("energy", "cost,energy"):
        study = study_of(Spec(**ASKED, minimize=goal), catalog=facts)
        purchase = study.decide().purchase
        planned[goal] = sum(group.planned_w * count for group, count in purchase)
    assert planned["energy"] <= planned["cost,energy"]


def test_zones_of_offers(facts):
    offer = next(o for o in facts.offers.values() if o.region == "us-east-1")
    assert zones_of(offer, None) == ("us-east-1",)
    assert zones_of(offer, 2) == tuple(f"{offer.provider}/us-east-1/zone {i}" for i in (1, 2))
    assert zones_of(offer.model_copy(update={"zone": "a"}), 3) == ("a",)
    assert place_is_known(offer)
    assert not place_is_known(offer.model_copy(update={"region": "global"}))


def test_facts_of_sites(facts):
    offers = facts.offers.values()
    finnish = next(o for o in offers if (o.provider, o.region) == ("nebius", "eu-north1"))
    assert grid_g_per_kwh(finnish, facts) == 79  # Finland, 2023
    assert grid_g_per_kwh(finnish.model_copy(update={"region": "nowhere"}), facts) is None
    assert (pue_of(None, facts), pue_of(1.1, facts)) == (1.56, 1.1)
    dgx = finnish.model_copy(update={"nameplate_basis": "chassis DGX H100"})
    part = finnish.model_copy(update={"nameplate_basis": "share of chassis DGX H100"})
    assert (rack_units(dgx, facts), rack_units(part, facts)) == (8, None)


def test_host_ram_holds_the_weights_on_the_node(thrifty):
    study, _ = thrifty
    table, gib = study.table, 2**30
    weights = (
        float(table.weights_bytes[0])
        / gib
        * min(int(table.accelerators[0]), table.hardware[table.hardware_index[0]].node_accelerators)
    )

    def fits(ram_gib, factor):
        asked = replace(study.question, min_host_ram_factor=factor)
        return fits_node(0, table, NodeFacts(host_ram_gib=ram_gib), asked)

    assert fits(weights * 2, 2.0) and not fits(weights * 1.99, 2.0)
    assert fits(None, None) and not fits(None, 0.1)


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("survive", "provider", True),
        ("zones", "3", True),
        ("max_provider_share", "60%", True),
        ("carbon", "5kg/h", True),
        ("racks", "1x42U@40kW", True),
        ("derate", "10%", False),
        ("max_quality_loss", "5%", False),
    ],
)
def test_limits_keep_the_performance_of_a_sweep(facts, path, value, same):
    assert override(Spec(**ASKED), facts, path, value).same_performance is same


def test_the_front_of_one_deployment_keeps_the_limits(facts):
    spec = Spec(**ASKED, max_accelerators=9, min_utilisation="60%")
    plan = recommend(spec, catalog=facts, explain=False)
    assert all(point.accelerators <= 9 for point in plan.front)
    free = recommend(Spec(**ASKED), catalog=facts, explain=False)
    assert max(point.accelerators for point in free.front) > 9


def test_no_single_deployment_survives_its_seller(facts):
    spec = Spec(**ASKED, survive="provider", redundancy="none")
    plan = recommend(spec, catalog=facts, explain=False)
    assert [point.chosen for point in plan.front] == [True]
    assert plan.totals.degraded_p99_s is not None


def test_a_node_is_left_partly_empty_for_utilisation_and_its_empty_part_draws_idle_power(facts):
    """Two of eight accelerators work; the bound on the group's power counts the other six."""
    asked = {
        "model": "8b",
        "qps": "27",
        "p99": "500ms",
        "redundancy": "none",
        "fast": True,
        "gpu": "H200 141GB SXM5",
        "provider": "aws",
    }
    study = study_of(Spec(**asked, min_utilisation="70%", minimize="cost,energy"), catalog=facts)
    decision = study.decide()
    plan = plan_of(study, decision)
    (deployment,) = plan.deployments
    assert deployment.utilisation >= 0.7
    assert deployment.accelerators < plan.totals.accelerators == 8
    idle_w = 0.12 * 700 + 1500 / 8  # share of TDP without work; the host's share
    empty_w = (plan.totals.accelerators - deployment.accelerators) * idle_w * 1.08
    assert plan.totals.power_w > empty_w
    bound_w = sum(group.planned_w * count for group, count in decision.purchase)
    assert plan.totals.power_w <= bound_w


@pytest.mark.parametrize("headroom", [0.0, 0.2, 1.0])
def test_planned_power_is_that_of_replicas_never_idle_at_what_headroom_leaves(thrifty, headroom):
    """Each at 1/(1+h) of its rate; at most the nameplate, which some groups reach."""
    study, _ = thrifty
    table, rates = study.table, study.rates
    asked = replace(study.question, headroom=headroom)
    groups = study.decider.groups(study.enumeration.market, asked)
    below = [g for g in groups if g.planned_w < g.nameplate_w]
    assert len(below) > 20
    for group in below[:50]:
        (key, count), *others = group.replicas.items()
        at = int(key)
        if others or count * table.whole_accelerators(at) != group.accelerators:
            continue
        busy_w = busy_power_w(
            law=table.law.take(at),
            lengths=rates.workload.lengths,
            requests_per_s=float(rates.rate[at]) / (1 + headroom),
            hardware=table.hardware[table.hardware_index[at]],
            accelerators=table.whole_accelerators(at),
        )
        assert group.planned_w == pytest.approx(count * busy_w)


def test_a_group_is_as_good_as_its_worst_replica():
    quality = {0: 86.0, 1: 73.0}
    table = SimpleNamespace(quality_at=quality.get, model=lambda at: f"m{at}")
    group = FailureGroup(
        name="n", offer="o", provider="p", region="r", accelerator="a", nodes=1, accelerators=3,
        replicas={"0": 1, "1": 2}, requests_per_s=1.0, usd_per_h=1.0, nameplate_w=1.0,
    )  # fmt: skip
    found = _with_model(group, table)
    assert (found.model, found.quality) == ("m0", 73.0)


@pytest.mark.parametrize(
    ("least", "most", "good"), [(73.0, None, True), (73.1, None, False), (None, 3.0, True)]
)
def test_good_enough_is_no_less_than_the_least(least, most, good):
    table = SimpleNamespace(quality_at=lambda at: 73.0, shortfall_pct=[3.0])
    question = SimpleNamespace(min_quality=least, most_shortfall_pct=most)
    assert good_enough(0, table, question) is good
    if most is not None:
        question.most_shortfall_pct = 2.9
        assert not good_enough(0, table, question)
