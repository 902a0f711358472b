"""Limits on single nodes and racks: delivery, cooling, drives, network, the loss of a rack."""

import pytest
from small_market import question

import catalog
from recommender import Spec, recommend
from recommender.decision.node_limits import load_time_s, weights_on_node
from recommender.decision.offer_facts import offer_facts
from recommender.decision.single import best_single
from recommender.decision.study_of import study_of
from recommender.errors import MissingData, SpecError
from recommender.formulation.failure_group import FailureGroup
from recommender.request.quantity import days
from recommender.request.request import resolve
from recommender.request.site_facts import cooling_of, lead_time_days, rack_nodes
from recommender.request.spec_file import make_spec

OFFERS = """\
provider,instance_type,accelerator,node_accelerators,price_per_h,terms,stock,lead_time_days,\
nodes_per_rack,cooling,local_storage_gb,local_storage_read_gb_per_s,network_gb_per_s
us,here,H100 80GB SXM5,8,9.5,owned,40,,4,air,30720,12,50
us,ordered,H200 141GB SXM5,8,6.0,owned,40,45,4,air,5,2,50
us,slow,B200 180GB SXM,8,5.0,owned,40,90,4,liquid,30720,0.05,0.0005
"""
ASKED = {"model": "8b", "qps": "400", "p99": "300ms", "fast": True, "provider": "us"}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Three kinds of own nodes: at hand, ordered for 45 and for 90 days."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "offers.csv").write_text(OFFERS)
    return catalog.load([folder])


def solve(own, **more):
    """The plan, without front and explanation, and what its audit says."""
    plan = recommend(Spec(**(ASKED | more)), catalog=own, front=False, explain=False)
    assert [f.promise for f in plan.audit if not f.holds] == []
    return plan


def bought(plan):
    """Instance types of the plan."""
    return {node.offer.split("/")[1] for node in plan.nodes}


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ({}, {"slow"}),
        ({"within": "45d"}, {"ordered"}),
        ({"within": "44d"}, {"here"}),
        ({"cooling": "air"}, {"ordered"}),
        ({"cooling": "liquid"}, {"slow"}),
        # 9.08 GB of fp8 weights: 0.76 s at 12 GB/s; drives of 5 GB do not hold them;
        # 0.05 GB/s take 182 s
        ({"max_load_time": "60s"}, {"here"}),
        ({"max_load_time": "3min"}, {"here"}),
        ({"max_load_time": "200s"}, {"slow"}),
        # 117 kB a request: 0.5 MB/s of network carry 4 a second, fewer than one replica
        ({"max_network_share": "100%"}, {"ordered"}),
    ],
)
def test_the_plan_changes_as_expected(own, given, kinds):
    assert bought(solve(own, **given)) == kinds


def test_why_it_won_counts_the_offers_that_are_out(own):
    spec = Spec(**(ASKED | {"within": "45d", "max_load_time": "60s"}))
    plan = recommend(spec, catalog=own, front=False, explain=True)
    # 90 days for B200; the drives of the H200 do not hold the weights; both alone
    assert "--max-load-time: 1 of 2 offers are out by it" in plan.binding
    assert bought(plan) == {"here"}
    spec = Spec(**(ASKED | {"cooling": "air"}))
    plan = recommend(spec, catalog=own, front=False, explain=True)
    assert "--cooling: 1 of 3 offers are out by it" in plan.binding


def test_what_waits_too_long_is_named_with_the_wait_that_is_enough(own):
    plan = solve(own, within="10d", gpu="B200,H200")
    assert plan.status == "infeasible"
    (line,) = (line for line in plan.binding if line.startswith("--within:"))
    assert "the cheapest plan without it uses" in line
    (repair,) = [r for r in plan.repairs if r.change == "--within"]
    assert repair.value == "45 days (less was not tried with simulated rates)"  # --fast
    assert bought(solve(own, within="45d", gpu="B200,H200")) == {"ordered"}


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({"cooling": "liquid", "gpu": "H100"}, "--cooling"),
        ({"max_load_time": "100ms", "gpu": "H100"}, "--max-load-time"),
        # a node of nothing but one replica of 18/s is 2 MB/s, a hundredth of a hundredth of 50 GB/s
        ({"max_network_share": "0.001%", "gpu": "H100"}, "--max-network-share"),
    ],
)
def test_the_limit_is_named_and_can_be_left_out(own, given, flag):
    plan = solve(own, **given)
    assert plan.status == "infeasible"
    assert any(line.startswith(f"{flag}:") for line in plan.binding)
    assert flag in {repair.change for repair in plan.repairs}


def test_a_rack_too_dear_is_named_and_can_be_left_out(own):
    """Three nodes fewer than closed forms ask for: too few by simulated rates as well."""
    asked = {"gpu": "H100", "survive": "rack", "qps": "200"}
    least = solve(own, **asked).totals.cost_usd_per_h
    plan = solve(own, **asked, budget=f"${least - 3 * 9.5}/h")
    assert plan.status == "infeasible"
    assert any(line.startswith("--survive rack:") for line in plan.binding)
    assert ("--survive", "without --survive") in {(r.change, r.value) for r in plan.repairs}


def test_a_rack_of_four_nodes_is_added(own):
    """What carries 400/s, and four more; the same with one kind of node only."""
    plain = solve(own, gpu="H100", redundancy="none", headroom="0%")
    rack = solve(own, gpu="H100", survive="rack", headroom="0%")
    assert rack.totals.nodes == plain.totals.nodes + 4
    alone = solve(own, gpu="H100", survive="rack", headroom="0%", single=True)
    assert alone.totals.nodes == rack.totals.nodes
    assert rack.totals.degraded_p99_s >= rack.totals.p99_s


def test_the_loss_of_a_rack_costs_more_and_never_less(own):
    def cost(**more):
        return solve(own, **more).totals.cost_usd_per_h

    assert cost() < cost(survive="rack") <= cost(survive="rack", redundancy="n+3")


def test_a_rack_stands_in_one_zone(own):
    """Spread over four zones, no rack holds four of the nodes."""
    racked = solve(own, gpu="H100", survive="rack", redundancy="none")
    spread = solve(
        own, gpu="H100", survive="rack", redundancy="none", zones=4, min_zones=4, headroom="0%"
    )
    assert spread.totals.nodes < racked.totals.nodes
    assert max(p.groups for p in spread.placements) < 4


def made(name, rate, **more):
    """A node of 1 $/h and 1 W in racks of four."""
    return FailureGroup(
        name=name, offer=name, provider="p", region="r", accelerator="a",
        accelerators=8, replicas={name: 1}, requests_per_s=rate,
        **{"nodes": 1, "usd_per_h": 1.0, "rack_nodes": 4, "nameplate_w": 1.0, **more},
    )  # fmt: skip


def test_a_group_too_slow_to_count_is_never_enough():
    """A hundredth of a rate unit (demand / 100,000) beside one that carries the demand."""
    slow, fast = made("slow", 1e-6), made("fast", 10.0)
    asked = question(survive_rack=True)  # 10 requests/s
    assert best_single([slow, fast], asked) == [fast]
    # racks of 3: the fourth nodes of three wide groups share one, 1 + 3 for 4 $/h; 1 + 1 for 3 $/h
    wide = made("wide", 20.0, nodes=4, rack_nodes=3)
    narrow = made("narrow", 20.0, nodes=3, rack_nodes=3, usd_per_h=1.5)
    assert best_single([wide, narrow], asked) == [narrow]


def test_one_kind_alone_may_lose_its_share_for_the_next_goal():
    # 10 requests/s, one spare: two nodes of 10 each; 2 x 2 $/h and 4 kW, or 2 x 2.2 $/h and 3 kW
    dear = made("dear", 20.0, usd_per_h=2.2, nameplate_w=1500.0)
    cheap = made("cheap", 20.0, usd_per_h=2.0, nameplate_w=2000.0)
    goals = {"then": ("power",), "failures": 1}
    assert best_single([cheap, dear], question(**goals)) == [cheap]
    assert best_single([cheap, dear], question(**goals, tolerances=(0.09, 0.0))) == [cheap]
    assert best_single([cheap, dear], question(**goals, tolerances=(0.1, 0.0))) == [dear]


def test_load_time_is_weights_over_speed(own):
    study = study_of(Spec(**ASKED), catalog=own)
    weights = weights_on_node(0, study.table)
    assert load_time_s(0, study.table, read_gb_per_s=2.0) == pytest.approx(weights / 2e9)
    assert load_time_s(0, study.table, read_gb_per_s=None) is None
    plan = solve(own, gpu="H100")
    # every slice once: 8.46 GiB of tp slices together * 1.0737 / 12 GB/s
    (d,) = plan.deployments
    assert d.weights_gib * d.tp == pytest.approx(8.46, abs=0.02)
    assert d.load_time_s == pytest.approx(d.weights_gib * d.tp * 2**30 / 12e9)


def test_facts_of_offers(facts):
    offers = facts.offers
    tray = offers["coreweave/4x GB200/unspecified"]
    assert rack_nodes(tray, facts, None) == 18  # 72 accelerators of a rack, 4 to a tray
    assert cooling_of(tray, facts) == "liquid"
    cloud = next(o for o in offers.values() if o.nameplate_basis == "chassis DGX H100")
    assert rack_nodes(cloud, facts, None) is None
    # 42 U / 8 U = 5 high, 40 kW / 10.2 kW = 3 by power
    assert rack_nodes(cloud, facts, (10, 42, 40e3)) == 3
    assert rack_nodes(cloud, facts, (10, 42, 99e3)) == 5
    assert rack_nodes(cloud, facts, (10, 42, 9e3)) is None  # a node that fits no rack
    assert cooling_of(cloud, facts) == "air"
    part = cloud.model_copy(update={"nameplate_basis": "share of chassis DGX H100"})
    assert cooling_of(part, facts) is None
    assert lead_time_days(cloud) == 0
    reserved = cloud.model_copy(update={"terms": "reserved_1yr"})
    assert lead_time_days(reserved) is None
    assert lead_time_days(reserved.model_copy(update={"lead_time_days": 14.0})) == 14


def test_offers_of_unknown_facts_are_left_out_by_name(facts):
    base = {"model": "8b", "qps": "10", "p99": "500ms"}
    request = resolve(Spec(**base, survive="rack"), facts)
    assert all("GB200" in offer.name for offer in request.offers)
    assert any("nodes per rack unknown" in sentence for sentence in request.left_out)
    assert offer_facts(request)[request.offers[0].name].rack_nodes == 18
    with pytest.raises(MissingData, match=r"reserved_1yr.*lead time unknown, and --within needs"):
        resolve(Spec(**base, within="30d", terms="reserved_1yr"), facts)
    with pytest.raises(MissingData, match="local storage and its speed unknown"):
        resolve(Spec(**base, max_load_time="5min"), facts)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"within": "30"}, "has no unit"),
        ({"within": "30h"}, "unknown unit 'h'"),
        ({"within": "-3d"}, "greater than zero"),
        ({"cooling": "water"}, "'air' or 'liquid'"),
        ({"max_load_time": "0s"}, "greater than zero"),
        ({"max_network_share": "0%"}, "more than 0%"),
        ({"max_network_share": "120%"}, "'120%' must be at most 100%"),
        ({"survive": "rack", "racks": "1x42U@40kW"}, "needs two racks"),
    ],
)
def test_what_cannot_be(given, message):
    with pytest.raises(SpecError, match=message):
        make_spec({"model": "8b", "qps": "100", "p99": "500ms"} | given)


def test_days():
    assert (days("30d"), days("6wk"), days("1 day")) == (30, 42, 1)
    made = make_spec({"model": "8b", "qps": "1", "p99": "1s", "within": "6wk"})
    assert make_spec(made.model_dump(mode="json", exclude_none=True)) == made
