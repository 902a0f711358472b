"""Loss of a rack and limits on nodes: kept by plans, found when broken."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalog
from recommender import Spec, recommend
from recommender.audit.nodes import findings as node_findings
from recommender.audit.racks import findings as rack_findings
from recommender.audit.racks import nodes_of_rack, worst_rack
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.worst_rack import lost_racks
from recommender.request.chosen_workload import chosen_workload

OFFERS = """\
provider,instance_type,accelerator,node_accelerators,price_per_h,terms,lead_time_days,\
nodes_per_rack,cooling,local_storage_gb,local_storage_read_gb_per_s,network_gb_per_s
us,here,H100 80GB SXM5,8,9.5,owned,14,3,air,30720,12,50
"""


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """A plan under all limits on nodes, its spec and its catalogue."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "offers.csv").write_text(OFFERS)
    facts = catalog.load([folder])
    spec = Spec(
        model="8b",
        qps="200",
        p99="500ms",
        fast=True,
        provider="us",
        survive="rack",
        within="14d",
        cooling="air",
        max_load_time="1s",
        max_network_share="5%",
    )
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert plan.status == "optimal" and all(finding.holds for finding in plan.audit)
    return plan, spec, facts


def broken(findings):
    """Promises that do not hold."""
    return [finding.promise for finding in findings if not finding.holds]


def test_a_rack_of_more_nodes_breaks_the_plan(solved):
    plan, spec, facts = solved
    (name,) = {n.offer for n in plan.nodes}
    wide = facts.offers[name].model_copy(update={"nodes_per_rack": 4})
    promises = broken(rack_findings(plan, spec, replace(facts, offers={name: wide})))
    assert promises == ["capacity without a rack of 4 nodes of us here unspecified covers the peak"]


@pytest.mark.parametrize(
    ("tighter", "promise"),
    [
        ({"within": 13.0}, "lead time"),
        ({"cooling": "liquid"}, "is cooled by liquid"),
        ({"max_load_time": 0.1}, "load time"),
        ({"max_network_share": 1e-5}, "share of the network"),
    ],
)
def test_a_limit_that_does_not_hold_is_found(solved, tighter, promise):
    plan, spec, facts = solved
    lengths = chosen_workload(spec, facts).lengths
    asked = spec.model_copy(update=tighter)
    (found,) = broken(node_findings(plan, asked, facts, lengths))
    assert promise in found


def test_a_load_time_of_other_drives_is_found(solved):
    plan, spec, facts = solved
    lengths = chosen_workload(spec, facts).lengths
    wrong = replace(plan, deployments=tuple(replace(d, load_time_s=9.0) for d in plan.deployments))
    (found,) = broken(node_findings(wrong, spec, facts, lengths))
    assert "time to read the weights" in found


def test_nodes_of_racks(facts):
    spec = Spec(model="8b", qps="1", p99="1s", survive="rack", racks="10x42U@40kW")
    offers = facts.offers
    cloud = next(o for o in offers.values() if o.nameplate_basis == "chassis DGX H100")
    assert nodes_of_rack(cloud, spec, facts) == 3  # min(42 // 8, 40 // 10.2)
    tray = offers["coreweave/4x GB200/unspecified"]
    assert nodes_of_rack(tray, spec, facts) == 18
    unknown = cloud.model_copy(update={"nameplate_basis": "1.8 x TDP"})
    assert nodes_of_rack(unknown, spec, facts) >= 10**6  # all of it is lost


KINDS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 7), st.integers(0, 3)), min_size=1, max_size=3
)


@given(kinds=KINDS, room=st.integers(1, 6))
def test_the_audit_and_the_assembly_find_the_same_worst_rack(kinds, room):
    groups = [
        (
            FailureGroup(
                name=f"g{i}", offer="o", provider="p", region="r", accelerator="a", nodes=nodes,
                accelerators=8, replicas={}, requests_per_s=float(rate), usd_per_h=1.0,
                nameplate_w=1.0, rack_nodes=room,
            ),
            count,
        )
        for i, (rate, nodes, count) in enumerate(kinds)
    ]  # fmt: skip
    lost = lost_racks(groups)["o"]
    width = {n: (n % room or room) if n > room else n for _, n, _ in kinds}
    assert sum(width[g.nodes] for g in lost) <= room
    rate = sum(g.requests_per_s for g in lost)
    assert rate == worst_rack([(float(r), n, c) for r, n, c in kinds], room)
    best = max(
        sum(m * r for m, (r, _, _) in zip(taken, kinds, strict=True))
        for taken in product(*(range(c + 1) for _, _, c in kinds))
        if sum(m * width[n] for m, (_, n, _) in zip(taken, kinds, strict=True)) <= room
    )
    assert rate == best
