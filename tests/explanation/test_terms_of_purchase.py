"""Terms and kinds of prices: shown where the plan is, and their risks said before it is signed."""

import pytest

import catalog
from recommender import Spec, recommend
from recommender.audit import audit
from recommender.report.json_plan import from_json, to_json
from recommender.report.render import render

ASKED = {"model": "8b", "qps": "50", "p99": "500ms", "fast": True, "provider": "us"}
COLUMNS = (
    "provider,instance_type,accelerator,node_accelerators,price_per_h,terms,kind,whole_node,date\n"
)
NODE = "us,hgx,H100 80GB SXM5,8,10,"


@pytest.fixture
def planned(tmp_path):
    """Plan, catalogue and spec where only this row is sold."""

    def plan(row, **changes):
        (tmp_path / "offers.csv").write_text(COLUMNS + NODE + row + "\n")
        facts = catalog.load([tmp_path])
        terms = row.split(",")[0]
        spec = Spec(**ASKED, offers="all", terms=terms, **changes)
        return recommend(spec, catalog=facts, explain=False), facts, spec

    return plan


def test_spot_is_in_the_answer_and_its_risk_among_the_warnings(planned):
    plan, _, _ = planned("spot,list,true,2026-11-01")
    assert plan.nodes[0].terms == "spot"
    text = " ".join(render(plan, "terminal").split())
    assert "8xH100 80GB SXM5 at us, spot = " in text
    assert any(
        "us/hgx/unspecified/spot is spot: the seller may take back" in w for w in plan.warnings
    )


def test_a_commitment_is_said_in_money_without_a_horizon(planned):
    plan, _, _ = planned("reserved_1yr,list,true,2026-11-01")
    due = plan.nodes[0].nodes * 10 * 8760  # nodes * $/h * hours of a year
    said = f"is committed for 1 year: ${due:,.0f} in all, used or not"
    assert [w for w in plan.warnings if said in w]
    shorter = planned("reserved_1yr,list,true,2026-11-01", horizon="6mo")[0]
    assert not [w for w in shorter.warnings if "used or not" in w]  # the rest of it is said
    assert [w for w in shorter.warnings if "more fall due" in w]


@pytest.mark.parametrize(
    ("kind", "whole", "said"),
    [
        ("market", "true", "is from a marketplace"),
        ("advert", "true", "is from an advert"),
        ("broker", "true", "is from a broker"),
        ("list", "false", "sold by the accelerator"),
        ("list", "true", ""),
        ("quote", "true", ""),
    ],
)
def test_prices_that_are_no_list_prices_are_named(planned, kind, whole, said):
    plan, _, _ = planned(f"on_demand,{kind},{whole},2026-11-01")
    about = [w for w in plan.warnings if "price of us/hgx" in w or "sold by" in w]
    assert len(about) == bool(said) and all(said in w for w in about)


def test_terms_are_kept_and_audited(planned):
    plan, facts, spec = planned("spot,list,true,2026-11-01")
    again = from_json(to_json(plan))
    assert again.nodes == plan.nodes
    assert all(f.holds for f in audit(again, spec, facts, replay=False))
    edited = to_json(plan).replace('"terms": "spot"', '"terms": "on_demand"')
    broken = [f.promise for f in audit(from_json(edited), spec, facts, replay=False) if not f.holds]
    assert broken == ["us/hgx/unspecified/spot is sold spot"]
