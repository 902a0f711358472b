"""Rows on load times, shared accelerators and emissions: shown where they are known."""

from dataclasses import replace

from sample_plan import PLAN

from recommender.report.asked import nodes_in_order
from recommender.report.quantities import mass
from recommender.report.sections.deployments import deployments
from recommender.report.sections.totals import totals


def text(section):
    """All labels and cells of a comparison."""
    return dict(section.blocks[0].attributes)


def with_first(**changes):
    """The sample plan with its first deployment changed."""
    whole = PLAN
    first, *others = whole.deployments
    return replace(whole, deployments=(replace(first, **changes), *others))


def test_load_times_are_shown_where_drives_are_known():
    assert "weights read in" not in text(deployments(PLAN))
    cells = text(deployments(with_first(load_time_s=182.0)))["weights read in"]
    assert cells[0] == "182 s" and set(cells[1:]) <= {"unknown"}


def test_a_shared_accelerator_is_not_called_a_whole_one():
    shared = with_first(sharing="mig-3g.40gb", instances_per_accelerator=2)
    assert "1 of 2 on an accelerator (mig-3g.40gb)" in text(deployments(shared))["each replica"][0]


def test_emissions_are_shown_where_grids_are_known_and_said_to_be_unknown_elsewhere():
    known = replace(PLAN, totals=replace(PLAN.totals, carbon_kg_per_month=2220.0))
    assert text(totals(known))["emissions (PUE x grid)"] == ("2.22 t CO2e/month",)
    unknown = replace(known, totals=replace(known.totals, carbon_kg_per_month=None))
    said = text(totals(unknown))["emissions (PUE x grid)"]
    assert said == ("not known: no figure of a node's region",)
    day = replace(unknown, totals=replace(unknown.totals, mean_cost_usd_per_h=1.0))
    assert "idle nodes" in text(totals(day))["emissions (PUE x grid)"][0]


def test_masses():
    assert (mass(289.0), mass(2220.0)) == ("289 kg", "2.22 t")


def test_nodes_come_in_the_order_of_the_deployments() -> None:
    """The answer names first what the first column describes; a node of none comes last."""
    first, *_ = PLAN.deployments
    second = replace(first, name="d2", offer="second")
    nodes = tuple(replace(PLAN.nodes[0], offer=name) for name in ("a", "second", first.offer))
    plan = replace(PLAN, deployments=(first, second), nodes=nodes)
    assert [n.offer for n in nodes_in_order(plan)] == [first.offer, "second", "a"]
    assert nodes_in_order(replace(plan, deployments=())) == nodes
