"""`recommend [solve]`: the answer on standard output, the documented exit code."""

import json

import pytest
from asked import ASKED

from recommender import Spec
from recommender.commands.solve_command import exit_code
from recommender.decision.study_of import study_of
from recommender.explanation.repairs import repairs
from recommender.plan import Finding, Plan
from recommender.report.json_plan import from_json


def test_solve_is_the_default_command(recommend):
    with_name, without = recommend("solve", *ASKED, "-q"), recommend(*ASKED, "-q")
    assert with_name.code == without.code == 0
    assert "$" in with_name.out and "H100" in with_name.out
    assert with_name.err == without.err == ""


def test_json_is_the_plan_and_nothing_else(recommend):
    result = recommend(*ASKED, "--json", "-q")
    assert result.code == 0
    data = json.loads(result.out)
    for name in (
        "schema_version", "status", "proof", "assumptions", "ledger", "spec", "plan", "objective",
        "bound", "gap", "solver", "front", "audit", "repairs", "warnings",
    ):  # fmt: skip
        assert name in data
    assert data["status"] == "optimal" and data["proof"]
    assert data["gap"] == 0 and data["bound"] == data["objective"]
    assert all(finding["holds"] for finding in data["audit"])
    assert {"deployments", "nodes", "totals"} <= set(data["plan"])
    for name in (
        "service", "model", "provider", "offer", "accelerator", "precision", "kv_precision",
        "engine", "tp", "pp", "adp", "ep", "dp", "accelerators_per_replica", "nodes_per_replica",
        "nodes", "accelerators", "requests_per_s", "max_requests_per_s", "share", "utilisation",
        "ttft_p99_s", "tpot_p99_s", "e2e_p99_s", "vram_used_gib", "cost_usd_per_h", "power_w",
        "basis",
    ):  # fmt: skip
        assert name in data["plan"]["deployments"][0]
    for name in (
        "nodes", "accelerators", "requests_per_s", "cost_usd_per_h", "cost_usd_per_month",
        "usd_per_million_output_tokens", "power_w", "power_nameplate_w", "p99_s",
        "degraded_p99_s", "energy_kwh_per_month", "cost_not_included",
    ):  # fmt: skip
        assert name in data["plan"]["totals"]
    (chosen,) = [point for point in data["front"] if point["chosen"]]
    assert chosen["cost_usd_per_h"] == pytest.approx(data["plan"]["totals"]["cost_usd_per_h"])
    for name in ("cost_usd_per_h", "p99_s", "power_w", "quality_loss_pct", "chosen", "plan"):
        assert name in chosen


def test_a_saved_plan_reads_back(recommend, tmp_path):
    path = tmp_path / "plan.json"
    shown = recommend(*ASKED, "-o", path, "-q")
    assert shown.code == 0 and "$" in shown.out
    plan = from_json(path.read_text())
    assert plan.status == "optimal" and plan.spec["model"] == "8b"
    rendered = recommend("render", path)
    assert rendered.code == 0 and "H100" in rendered.out


def test_the_spec_of_a_plan_gives_the_same_plan(recommend, tmp_path):
    first = json.loads(recommend(*ASKED, "--json", "-q").out)
    (tmp_path / "spec.yaml").write_text(json.dumps(first["spec"]))
    second = json.loads(recommend("-f", tmp_path / "spec.yaml", "--json", "-q").out)
    assert second["plan"] == first["plan"]


def test_no_plan_is_three_and_says_what_would_help(recommend, tmp_path):
    path = tmp_path / "plan.json"
    result = recommend(*ASKED, "--budget", "$1/h", "-q", "-o", path)
    assert result.code == 3
    assert "--budget" in result.out  # a repair, with its witness
    assert from_json(path.read_text()).status == "infeasible"
    data = json.loads(recommend(*ASKED, "--budget", "$1/h", "--json", "-q").out)
    assert data["status"] == "infeasible" and data["plan"]["totals"] is None
    repair = next(r for r in data["repairs"] if r["change"] == "--budget")
    assert {"change", "value", "witness"} == set(repair)


@pytest.mark.parametrize(
    ("flag", "tight", "unit", "step"),
    [
        ("--max-nodes", "1", "nodes", 1),
        ("--max-accelerators", "1", "accelerators", 1),
        ("--budget", "$1/h", "/h", 0.01),
        ("--power", "500W", "W", 1),
    ],
)
def test_a_repair_holds_and_nothing_less_does(flag, tight, unit, step, recommend, facts):
    """What the nearest miss says is enough is enough, and one step less is not (on the rates
    that repairs rest on: a request is simulated before it is called infeasible)."""
    request = dict(zip(ASKED[:-1:2], ASKED[1::2], strict=True))
    asked = {name.removeprefix("--"): value for name, value in request.items()}
    key = flag.removeprefix("--").replace("-", "_")

    def decided(value):
        study = study_of(Spec(**asked, **{key: value}, fast=True), catalog=facts)
        return study, bool(study.decide().purchase)

    def written(value):
        return {"/h": f"${value:.2f}/h", "W": f"{value:.0f}W"}.get(unit, f"{value:.0f}")

    study, feasible = decided(tight)
    assert not feasible
    repair = next(r for r in repairs(study) if r.change == flag)
    amount, remark = repair.value.split(" (")
    assert amount.endswith(unit) and remark == "less was not tried with simulated rates)"
    least = float(amount.split()[0].strip("$/h").replace(",", ""))
    assert recommend(*ASKED, flag, written(least), "-q").code == 0
    assert not decided(written(least - step))[1]


def test_too_fast_for_physics_names_the_nearest_miss(recommend):
    result = recommend("--model", "70b", "--qps", "5", "--p99", "1ms", "--fast", "-q")
    assert result.code == 3
    assert "ms" in result.out


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_the_program_is_written(ending, recommend, tmp_path):
    path = tmp_path / f"program.{ending}"
    assert recommend(*ASKED, "--write-lp", path, "-q").code == 0
    text = path.read_text()
    if ending == "lp":
        assert "demand[" in text and "Subject To" in text
    else:
        assert "ROWS" in text and "ENDATA" in text


def test_a_program_of_another_ending(recommend, tmp_path):
    result = recommend(*ASKED, "--write-lp", tmp_path / "program.txt", "-q")
    assert result.code == 2
    assert ".lp" in result.complaint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "proof", "prove", "code"),
    [
        ("optimal", "exact_cover", False, 0),
        ("optimal", "exact_cover", True, 0),
        ("optimal", "one solver", False, 0),
        ("optimal", "one solver", True, 4),
        ("optimal", "", True, 4),
        ("infeasible", "", False, 3),
        ("feasible", "", False, 4),
        ("not_reached", "", False, 4),
        ("failed", "", False, 4),
    ],
)
def test_exit_codes(status, proof, prove, code):
    assert exit_code(plan_that_is(status, proof), prove=prove) == code


def test_a_plan_that_its_own_audit_breaks_is_five():
    broken = Finding("memory", 1.0, 2.0, "GiB", holds=False)
    assert exit_code(plan_that_is("optimal", "exact_cover", broken), prove=False) == 5


def plan_that_is(status, proof, *audit):
    return Plan(status=status, proof=proof, spec={}, model="m", audit=audit)


def test_prove(recommend):
    assert recommend(*ASKED, "--prove", "-q").code == 0


def test_fast_says_where_it_simulated_after_all(recommend):
    """Safe rates buy less than simulated ones: a budget just too small for them may cost less."""
    safe = json.loads(recommend(*ASKED, "--json", "-q").out)
    assert not any("--fast" in text for text in safe["warnings"])
    less = f"${safe['plan']['totals']['cost_usd_per_h'] - 0.01}/h"
    other = json.loads(recommend(*ASKED, "--budget", less, "--json", "-q").out)
    assert other["objective"] < safe["objective"]
    assert "--fast: its safe closed forms find no plan within the limits" in other["warnings"][0]
    bursty = json.loads(recommend(*ASKED, "--burstiness", "4", "--json", "-q").out)
    assert "--fast: arrivals are too bursty" in bursty["warnings"][0]


def test_progress_goes_to_standard_error_only(recommend):
    loud, quiet = recommend(*ASKED, "--json"), recommend(*ASKED, "--json", "-q")
    assert json.loads(loud.out)["plan"] == json.loads(quiet.out)["plan"]
    assert quiet.err == ""
