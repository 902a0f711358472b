"""Losses of classes, shares, use, carbon, racks, host RAM: kept by plans, found when broken."""

from dataclasses import replace

import pytest

from recommender import Spec, recommend
from recommender.audit.classes import capacity_by
from recommender.audit.classes import findings as class_findings
from recommender.audit.sites import carbon_g_per_h, racks_needed
from recommender.audit.sites import findings as site_findings

ASKED = {"model": "8b", "qps": "60", "p99": "500ms", "fast": True}
LIMITS = {
    "zones": {"redundancy": "zone", "zones": 3, "provider": "nebius", "gpu": "H100"},
    "sellers": {"survive": "provider", "redundancy": "none", "gpu": "H100,H200"},
    "share": {"max_provider_share": "60%", "gpu": "H100"},
    "spread": {"min_providers": 2, "gpu": "H100"},
    "use": {"min_utilisation": "60%", "gpu": "H100"},
    "carbon": {"carbon": "5kg/h", "pue": 1.2},
    "racks": {"racks": "1x42U@40kW", "gpu": "H100"},
    "racks in zones": {
        "racks": "3x42U@60kW",
        "redundancy": "zone",
        "zones": 3,
        "provider": "nebius",
        "gpu": "H100",
    },
    "host RAM": {"min_host_ram_factor": 2.0, "gpu": "H100"},
}


@pytest.fixture(scope="module")
def solved(facts):
    """Name of a limit -> (plan, spec)."""
    known = {}

    def solve(name):
        if name not in known:
            spec = Spec(**ASKED, **LIMITS[name])
            plan = recommend(spec, catalog=facts, front=False, explain=False)
            known[name] = plan, spec
        return known[name]

    return solve


@pytest.mark.parametrize("name", LIMITS)
def test_real_plans_keep_their_limits(solved, name):
    plan, _ = solved(name)
    assert plan.status == "optimal"
    assert [finding.promise for finding in plan.audit if not finding.holds] == []


def broken(findings):
    """Promises that do not hold."""
    return [finding.promise for finding in findings if not finding.holds]


def test_all_nodes_moved_into_one_zone(solved, facts):
    plan, spec = solved("zones")
    zone = plan.placements[0].zone
    moved = replace(plan, placements=tuple(replace(p, zone=zone) for p in plan.placements))
    assert broken(class_findings(moved, spec, facts)) == [
        f"capacity without zone {zone} covers the peak"
    ]


def test_a_fourth_zone_does_not_exist(solved, facts):
    plan, spec = solved("zones")
    first, *others = plan.placements
    moved = replace(plan, placements=(replace(first, zone="elsewhere"), *others))
    fewer = spec.model_copy(update={"zones": 2})
    assert "zones of nebius in eu-north1" in broken(class_findings(moved, fewer, facts))


def test_capacity_by_class_adds_up(solved, facts):
    plan, _ = solved("sellers")
    every = sum(d.max_requests_per_s for d in plan.deployments)
    for kind in ("zone", "region", "provider", "accelerator"):
        assert sum(capacity_by(plan, facts, kind).values()) == pytest.approx(every)


@pytest.mark.parametrize(
    ("name", "tighter", "promise"),
    [
        ("share", {"max_provider_share": 0.4}, "share of"),
        ("spread", {"min_providers": 9}, "providers"),
        ("spread", {"min_zones": 9}, "zones"),
        ("share", {"survive": ("accelerator",)}, "capacity without accelerator"),
    ],
)
def test_a_tighter_limit_is_broken(solved, facts, name, tighter, promise):
    plan, spec = solved(name)
    found = broken(class_findings(plan, spec.model_copy(update=tighter), facts))
    assert any(line.startswith(promise) for line in found)


@pytest.mark.parametrize(
    ("name", "tighter", "promise"),
    [
        ("use", {"min_utilisation": 0.99}, "use at peak"),
        ("carbon", {"carbon": 1.0}, "emissions at planned load"),
        ("racks", {"racks": (1, 7, 40_000.0)}, "racks"),
        ("racks", {"racks": (1, 42, 5_000.0)}, "racks"),
        ("host RAM", {"min_host_ram_factor": 1e3}, "d1: host RAM"),
    ],
)
def test_a_tighter_site_is_broken(solved, facts, name, tighter, promise):
    plan, spec = solved(name)
    assert promise in broken(site_findings(plan, spec.model_copy(update=tighter), facts))


def test_mean_loss_of_requests(solved, facts):
    plan, spec = solved("use")
    lossy = replace(
        plan, deployments=tuple(replace(d, quality_loss_pct=0.8) for d in plan.deployments)
    )
    for most, holds in ((0.008, True), (0.0079, False)):
        limited = spec.model_copy(update={"max_mean_quality_loss": most})
        found = broken(site_findings(lossy, limited, facts))
        assert ("mean quality loss" not in found) is holds


def test_carbon_on_paper(solved, facts):
    """3 kW at a PUE of 1.2 in Finland (79 g/kWh): 3 x 1.2 x 79 = 284.4 g/h."""
    plan, spec = solved("carbon")
    first = plan.deployments[0]
    finnish = next(o.name for o in facts.offers.values() if o.region == "eu-north1")
    one = replace(plan, deployments=(replace(first, offer=finnish, power_w=3000.0),))
    assert carbon_g_per_h(one, spec, facts) == pytest.approx(284.4)


def test_an_unknown_grid_is_no_small_one(solved, facts):
    plan, spec = solved("carbon")
    nowhere = next(o.name for o in facts.offers.values() if o.region == "global")
    one = replace(plan, deployments=(replace(plan.deployments[0], offer=nowhere),))
    assert carbon_g_per_h(one, spec, facts) == float("inf")


def test_no_rack_reaches_over_zones(solved, facts):
    """Nodes in each of two zones took one rack, as if they stood side by side."""
    plan, spec = solved("racks in zones")
    assert len({p.zone for p in plan.placements}) == 2
    for racks, promises in (((2, 42, 60_000.0), []), ((1, 42, 60_000.0), ["racks"])):
        assert broken(site_findings(plan, spec.model_copy(update={"racks": racks}), facts)) == (
            promises
        )
    fewer = {**ASKED, **LIMITS["racks in zones"], "racks": "1x42U@60kW"}
    none = recommend(Spec(**fewer), catalog=facts, front=False, explain=False)
    assert none.status == "infeasible"


def test_racks_on_paper(facts):
    """DGX-sized H100 nodes of 8 U and 10.2 kW: 42 U hold 5, 40 kW feed 3, so 7 nodes take 3."""
    offer = next(
        o
        for o in facts.offers.values()
        if o.nameplate_basis.startswith("chassis DGX H100") and o.nameplate_power_w == 10_200
    )
    assert racks_needed(7, offer, 42, 40_000, facts) == 3
    assert racks_needed(7, offer, 42, 60_000, facts) == 2
    assert racks_needed(1, offer, 42, 10_000, facts) == float("inf")
