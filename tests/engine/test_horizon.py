"""What a plan costs over a horizon: once, at today's prices, in every report and in the audit."""

from dataclasses import replace

import pytest

import catalog
from recommender import Spec, recommend
from recommender.audit import audit
from recommender.horizon import span_text, span_words
from recommender.report.json_plan import from_json, to_json
from recommender.report.render import render
from recommender.report.sections.front import front_table
from recommender.report.sweep_table import sweep_csv, sweep_section
from recommender.request.quantity import hours
from recommender.request.spec_file import make_spec
from recommender.sizing.cost import cost_over_usd
from recommender.what_if.what_if import what_if

ASKED = {"model": "8b", "qps": "50", "p99": "500ms", "fast": True, "gpu": "H100"}
COLUMNS = (
    "provider,instance_type,accelerator,node_accelerators,terms,stock,usd_per_h,"
    "electricity_per_kwh,pue,amortisation_per_h,nameplate_power_w\n"
)
OWN = "us,hgx,H100 80GB SXM5,8,owned,4,,0.12,1.25,3,8000\n"
NO_PURCHASE = "us,hgx,H100 80GB SXM5,8,owned,4,,0.12,1.25,,8000\n"
RESERVED = "us,hgx,H100 80GB SXM5,8,reserved_3yr,4,10,,,,8000\n"


def planned(folder=None, row="", **changes):
    """A plan and its catalogue, where `row` is sold beside what is shipped."""
    overlays = []
    if row:
        (folder / "offers.csv").write_text(COLUMNS.replace("usd_per_h", "price_per_h") + row)
        overlays = [folder]
        changes = {"provider": "us", **changes}
    facts = catalog.load(overlays)
    return recommend(make_spec({**ASKED, **changes}), catalog=facts, explain=False), facts


def broken(plan, spec_changes, facts):
    found = audit(plan, make_spec({**ASKED, **spec_changes}), facts, replay=False)
    return [finding.promise for finding in found if not finding.holds]


@pytest.mark.parametrize(
    ("text", "expected", "again", "words"),
    [
        ("3yr", 26_280.0, "3yr", "3 years"),  # 3 * 8,760
        ("1 year", 8_760.0, "1yr", "1 year"),
        ("12mo", 8_760.0, "1yr", "1 year"),  # 12 * 730
        ("1.5yr", 13_140.0, "18mo", "18 months"),
        ("90d", 2_160.0, "90d", "90 days"),
        ("100 hours", 100.0, "100h", "100 hours"),
        ("0.7yr", 6_132.0, "6132h", "6,132 hours"),
    ],
)
def test_horizons_are_read_and_written(text, expected, again, words):
    assert hours(text) == expected
    assert (span_text(expected), span_words(expected)) == (again, words)
    assert hours(again) == expected


@pytest.mark.parametrize("text", ["3", "3 decades", "0yr", "-1yr", "1e400yr", True, ""])
def test_what_is_no_horizon_is_refused(text):
    with pytest.raises(ValueError, match=r"3yr|greater than zero|known are"):
        hours(text)


def test_a_horizon_of_more_than_a_century_is_refused():
    with pytest.raises(ValueError, match="--horizon 101yr must be at most 100 years"):
        Spec(**(ASKED | {"horizon": "101yr"}))


def test_cost_over_a_horizon_by_hand():
    # 333 nodes at $44.00/h: 14,652 $/h * 26,280 h
    assert cost_over_usd(usd_per_h=333 * 44.0, hours=26_280.0) == pytest.approx(385_054_560)
    assert cost_over_usd(usd_per_h=44.0, hours=None) is None


def test_three_years_of_the_price_per_hour():
    plan, facts = planned(horizon="3yr")
    by_hand = sum(node.nodes * node.usd_per_node_h for node in plan.nodes) * 3 * 8760
    assert plan.totals.horizon_h == 26_280
    assert plan.totals.cost_over_horizon_usd == pytest.approx(by_hand)
    assert plan.totals.cost_over_horizon_usd == pytest.approx(36 * plan.totals.cost_usd_per_month)
    assert from_json(to_json(plan)).totals == plan.totals
    assert any("no discounting, no price drift" in a.value for a in plan.assumptions)
    assert not broken(plan, {"horizon": "3yr"}, facts)
    assert broken(plan, {"horizon": "2yr"}, facts) == [
        "hours of the horizon",
        "cost over the horizon",
    ]


@pytest.mark.parametrize("form", ["terminal", "md", "html"])
def test_every_report_shows_it(form):
    shown = render(planned(horizon="18mo")[0], form)
    assert "over 18 months" in shown
    assert "over 18 months" not in render(planned()[0], form)


def test_own_nodes_pay_their_purchase_once(tmp_path):
    plan, _ = planned(tmp_path, OWN, horizon="3yr")
    (node,) = plan.nodes
    # 8 kW * 1.25 * 0.12 $/kWh + 3 $/h of amortisation = 4.2 $/h, for 26,280 h: no purchase on top
    assert plan.totals.cost_over_horizon_usd == pytest.approx(node.nodes * 4.2 * 26_280)
    assert not any("amortisation_per_h" in warning for warning in plan.warnings)


def test_own_nodes_without_amortisation_are_named(tmp_path):
    plan, _ = planned(tmp_path, NO_PURCHASE, horizon="3yr")
    assert any("its purchase is not in the cost over 3 years" in w for w in plan.warnings)
    assert not any("purchase" in w for w in planned(tmp_path, NO_PURCHASE)[0].warnings)


def test_what_a_commitment_leaves_due_is_said(tmp_path):
    plan, _ = planned(tmp_path, RESERVED, horizon="1yr", terms="reserved_3yr")
    (node,) = plan.nodes
    # two of three years are left: 2 * 8,760 h at $10 a node
    due = node.nodes * 10 * 17_520
    said = f"committed for 3 years: ${due:,.0f} more fall due after the horizon of 1 year"
    assert any(said in warning for warning in plan.warnings)
    over = planned(tmp_path, RESERVED, horizon="3yr", terms="reserved_3yr")[0]
    assert not any("fall due" in warning for warning in over.warnings)


def test_a_day_counts_its_mean():
    plan, facts = planned(horizon="1yr", profile="0-12h:20%,12-24h:100%")
    mean = plan.totals.mean_cost_usd_per_h
    assert mean < plan.totals.cost_usd_per_h
    assert plan.totals.cost_over_horizon_usd == pytest.approx(8760 * mean)
    assert not broken(plan, {"horizon": "1yr", "profile": "0-12h:20%,12-24h:100%"}, facts)


def test_front_and_sweep_have_a_column_of_it():
    plan, facts = planned(horizon="3yr")
    table = front_table(list(plan.front), "p99", horizon_h=26_280.0)
    at = [column.title for column in table.columns].index("over 3 years")
    for point, row in zip(plan.front, table.rows, strict=True):
        assert row[at].value == pytest.approx(26_280 * point.cost_usd_per_h)
    spec = make_spec({**ASKED, "horizon": "3yr"})
    steps = tuple(what_if(spec, "qps", ("20", "50"), catalog=facts))
    for step in steps:
        assert step.cost_over_horizon_usd == pytest.approx(26_280 * step.cost_usd_per_h)
    titles = [column.title for column in sweep_section("qps", steps).blocks[0].columns]
    assert "over 3 years" in titles
    assert "cost_over_horizon_usd" in sweep_csv(steps).splitlines()[0]
    noisy = replace(steps[0], cost_usd_per_h=0.1 + 0.2)  # 0.30000000000000004
    assert ",0.3," in sweep_csv([noisy])
    (longer,) = what_if(spec, "horizon", ("6yr",), catalog=facts)
    assert longer.cost_over_horizon_usd == pytest.approx(2 * steps[1].cost_over_horizon_usd)
    assert longer.cost_usd_per_h == pytest.approx(steps[1].cost_usd_per_h)  # no limit, no choice
