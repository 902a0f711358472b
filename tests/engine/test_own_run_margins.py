"""From own runs to the plan: a narrower margin, said so, cheaper, and audited."""

import sys
from pathlib import Path

import pytest

import catalog
from recommender.accuracy.fit.calibrate import correct_to_runs
from recommender.accuracy.fit.run_reports import Bench
from recommender.engine import recommend
from recommender.request.spec_file import make_spec

sys.path.insert(0, str(Path(__file__).parents[1] / "accuracy"))

from own_deployments import LENGTHS, runs_of
from run_rows import write_rows

FACTS = catalog.load()
SPEC = {
    "model": "meta-llama/Llama-3.3-70B-Instruct", "qps": "150", "p99": "6s", "isl": "1024",
    "osl": "256", "gpu": "MI355X", "precision": "fp8", "offers": "all", "redundancy": "none",
}  # fmt: skip


def plan(folder, records):
    path = write_rows(folder / "runs.csv", records)
    list(correct_to_runs([path], Bench("MI355X", 4, 4, "fp8", "vllm"), folder / "own"))
    return recommend(make_spec({**SPEC, "calibration": str(folder / "own")}), catalog=FACTS)


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """Of five runs of a deployment, which say too little of its errors, and of twenty."""
    few = plan(tmp_path_factory.mktemp("few"), runs_of(lengths=LENGTHS[:1]))
    return few, plan(tmp_path_factory.mktemp("many"), runs_of())


def margin(plan):
    (line,) = (line for line in plan.ledger if line.assumption == "confidence")
    return line


def test_the_margin_narrows_and_the_plan_says_on_what_it_rests(plans):
    few, many = plans
    (before,), (after,) = few.deployments, many.deployments
    assert (before.basis, after.basis) == ("roofline", "own runs")
    assert after.step_law["rel_error"] < 0.75 * before.step_law["rel_error"]
    assert after.tp == 4
    (line,) = (one for one in many.assumptions if one.name == "margin of own runs")
    assert "20 different runs (20 rows)" in line.value
    assert not [one for one in few.assumptions if one.name == "margin of own runs"]
    assert [one for one in few.warnings if "calibrate with your own runs" in one]
    assert not [one for one in many.warnings if "calibrate with your own runs" in one]


def test_the_price_of_confidence_falls_and_the_plan_with_it(plans):
    few, many = plans
    assert many.totals.cost_usd_per_h < few.totals.cost_usd_per_h
    assert margin(many).price_usd_per_h < margin(few).price_usd_per_h


def test_the_audit_agrees(plans):
    for one in plans:
        assert one.audit
        assert all(finding.holds for finding in one.audit)
