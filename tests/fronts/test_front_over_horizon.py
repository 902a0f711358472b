"""Fronts with a horizon, as CSV, and beside an offer that is cheaper by less than counts."""

import csv
import io

import pytest

import catalog
from recommender import Spec, recommend
from recommender.commands.front_command import command
from recommender.fronts.front_axes import axes_of
from recommender.fronts.mixed_fronts import front_of_mixed
from recommender.progress import SILENT
from recommender.report.mixed_front_report import frame, sections
from recommender.report.terminal import sections_text

ASKED = {"model": "8b", "qps": "50", "p99": "300ms", "provider": "nebius", "fast": True}
HOURS = 18 * 730


def test_points_of_one_deployment_cost_their_hour_times_the_horizon():
    plan = recommend(Spec(**ASKED, horizon="18mo"), explain=False)
    assert len(plan.front) > 1
    for point in plan.front:
        assert point.cost_over_horizon_usd == pytest.approx(point.cost_usd_per_h * HOURS)


def test_mixed_fronts_have_the_sum_in_table_csv_and_json():
    front = front_of_mixed(Spec(**ASKED, horizon="18mo"), axes_of("cost,nodes"), progress=SILENT)
    assert front.horizon_h == HOURS and len(front.points) > 1
    for point in front.points:
        assert point.cost_over_horizon_usd == pytest.approx(point.cost_usd_per_h * HOURS)
    assert "over 18 months" in sections_text(sections(front), width=120)
    assert list(frame(front)["cost_over_horizon_usd"]) == pytest.approx(
        [p.cost_usd_per_h * HOURS for p in front.points]
    )


def test_without_a_horizon_there_is_no_such_column():
    front = front_of_mixed(Spec(**ASKED), axes_of("cost,nodes"), progress=SILENT)
    assert "over" not in sections_text(sections(front), width=120).split("proof")[0]
    assert all(p.cost_over_horizon_usd is None for p in front.points)


def test_figures_of_the_csv_have_no_noise_of_sums(tmp_path):
    file = tmp_path / "front.csv"
    flags = ["--model", "8b", "--qps", "50", "--p99", "300ms", "--provider", "nebius", "--fast"]
    with pytest.raises(SystemExit) as ended:
        command.main([*flags, "--horizon", "1yr", "-q", "-o", str(file)])
    assert ended.value.code in (0, None)
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert all(len(r["cost_usd_per_h"]) <= 11 for r in rows)  # 10 digits and a point
    for row in rows:
        over = float(row["cost_usd_per_h"]) * 8760
        assert float(row["cost_over_horizon_usd"]) == pytest.approx(over, rel=1e-9)


def test_an_offer_that_is_cheaper_by_less_than_a_price_counts_is_no_point_of_its_own(tmp_path):
    """13.92021 and 13.92029 $/h are both 13.9203 to the program: the plan stood there twice."""
    (tmp_path / "offers.csv").write_text(
        "provider,instance_type,region,default_region,accelerator,node_accelerators,price_per_h,"
        "terms,kind,date\n"
        "us,hgx,here,true,H100 80GB SXM5,8,13.92029,on_demand,list,2026-11-01\n"
        "us,hgx,there,false,H100 80GB SXM5,8,13.92021,on_demand,list,2026-11-01\n"
    )
    asked = {**ASKED, "qps": "500", "provider": "us"}
    plan = recommend(Spec(**asked), catalog=catalog.load([tmp_path]), explain=False)
    chosen = next(p for p in plan.front if p.chosen)
    alike = [p for p in plan.front if p.nodes == chosen.nodes]
    assert alike == [chosen]
