"""Running cost of own nodes, the scale-up link, and derating: kept by plans, found when broken."""

from dataclasses import replace

import pytest

import catalog
from recommender import Spec, recommend
from recommender.audit.datasheet import findings as datasheet_findings
from recommender.audit.money import findings as money_findings
from recommender.audit.shape import findings as shape_findings
from recommender.request.chosen_workload import chosen_workload

OWN = """\
provider,instance_type,accelerator,node_accelerators,terms,stock,electricity_per_kwh,pue,\
amortisation_per_h,nameplate_power_w
us,hgx,H100 80GB SXM5,8,owned,4,0.12,1.25,3,8000
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A plan on own nodes, its spec and its catalogue."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "offers.csv").write_text(OWN)
    facts = catalog.load([folder])
    spec = Spec(model="8b", qps="50", p99="500ms", provider="us", fast=True)
    return recommend(spec, catalog=facts, front=False, explain=False), spec, facts


def with_offers(facts, **changes):
    own = {n: o.model_copy(update=changes) for n, o in facts.offers.items() if o.provider == "us"}
    return replace(facts, offers=facts.offers | own)


def broken(found):
    """Promises that do not hold."""
    return [finding.promise for finding in found if not finding.holds]


def test_an_own_node_costs_what_it_takes_to_run_it(own):
    plan, spec, facts = own
    workload = chosen_workload(spec, facts)
    found = list(money_findings(plan, spec, facts, workload))
    (running,) = [f for f in found if f.promise.startswith("running cost of us/hgx")]
    # 8 kW * 1.25 * 0.12 $/kWh + 3 $/h = 1.2 + 3
    assert running.rederived == pytest.approx(4.2) and running.holds and not broken(found)
    (node,) = plan.nodes
    assert node.usd_per_node_h == pytest.approx(4.2)


@pytest.mark.parametrize(
    "changes",
    [
        {"electricity_per_kwh": 0.13},
        {"pue": 1.3},
        {"pue": None},  # the mean of the world
        {"amortisation_per_h": None},
        {"typical_power_w": 6000.0},
        {"price_per_h": 4.0},
    ],
)
def test_another_running_cost_is_found(own, changes):
    plan, spec, facts = own
    other, workload = with_offers(facts, **changes), chosen_workload(spec, facts)
    (promise,) = broken(money_findings(plan, spec, other, workload))
    assert promise.startswith("running cost of us/hgx")


def tensor_parallel(plan, facts, tp):
    """The plan with its first deployment cut `tp` ways, and whether its link joins them."""
    first, *others = plan.deployments
    cut = replace(plan, deployments=(replace(first, tp=tp, pp=1, adp=1), *others))
    promise = f"{first.name}: tensor parallel over one link"
    (found,) = [f for f in shape_findings(cut, facts) if f.promise == promise]
    return found


def test_tensor_parallel_ranks_are_on_one_node(own):
    plan, _, facts = own
    assert tensor_parallel(plan, facts, 8).holds
    assert not tensor_parallel(plan, facts, 16).holds


def test_the_link_of_a_rack_joins_its_nodes(planned, facts):
    plan, _ = planned("236b")
    tray = next(o for o in facts.offers.values() if "NVL72" in o.accelerator)
    first, *others = plan.deployments
    there = replace(first, offer=tray.name, accelerator=tray.accelerator)
    racked = replace(plan, deployments=(there, *others))
    assert tray.node_accelerators < 72
    assert tensor_parallel(racked, facts, 72).holds
    assert not tensor_parallel(racked, facts, 73).holds


def test_derated_steps_are_further_from_the_datasheet(own):
    plan, spec, facts = own
    lengths = chosen_workload(spec, facts).lengths
    plain = list(datasheet_findings(plan, spec, facts, lengths))
    derated = spec.model_copy(update={"derate": 0.5})
    for before, after in zip(plain, datasheet_findings(plan, derated, facts, lengths), strict=True):
        if "arithmetic" in before.promise:  # work is 1.5 times as much
            assert after.rederived == pytest.approx(1.5 * before.rederived)
        else:  # and the least step 1.5 times as long
            assert after.stated == pytest.approx(1.5 * before.stated)
    most = spec.model_copy(update={"derate": 1e3})
    assert len(broken(datasheet_findings(plan, most, facts, lengths))) == len(plain)


def test_a_derated_plan_keeps_its_promises(own):
    _, spec, facts = own
    slow = spec.model_copy(update={"derate": 0.5})
    plan = recommend(slow, catalog=facts, front=False, explain=False)
    assert plan.deployments and not broken(plan.audit)
