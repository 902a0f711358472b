"""`recommend what-if`: a table of answers, CSV or JSON."""

import csv
import io
import json
from dataclasses import replace

import pytest
from asked import ASKED


def test_table(recommend):
    result = recommend("what-if", *ASKED, "--vary", "price.H100=-50%..+50%:50%", "-q")
    assert "Nothing is simulated." in result.out.replace("\n", " ")
    assert result.code == 0
    for value in ("-50%", "+0%", "+50%"):
        assert value in result.out


def test_json_and_csv_agree(recommend, tmp_path):
    path = tmp_path / "steps.csv"
    result = recommend("what-if", *ASKED, "--vary", "qps=10..30:10", "--json", "-o", path, "-q")
    steps = json.loads(result.out)["steps"]
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [s["value"] for s in steps] == [r["value"] for r in rows] == ["10", "20", "30"]
    assert [s["cost_usd_per_h"] for s in steps] == sorted(s["cost_usd_per_h"] for s in steps)
    for step, row in zip(steps, rows, strict=True):
        assert float(row["cost_usd_per_h"]) == pytest.approx(step["cost_usd_per_h"])


@pytest.mark.parametrize(
    ("given", "vary"),
    [
        (("--model", "8b", "--qps", "5"), "p99=300ms,1s"),
        (("--model", "8b", "--qps", "5"), "ttft-p99=300ms,1s"),
        (("--model", "8b", "--p99", "1s"), "qps=5,10"),
        (("--qps", "5", "--p99", "1s"), "model=8b,1b"),
    ],
)
def test_what_is_varied_need_not_be_given(given, vary, recommend):
    result = recommend("what-if", *given, "--gpu", "H100", "--fast", "--vary", vary, "-q", "--json")
    assert result.code == 0, result.err
    assert len(json.loads(result.out)["steps"]) == 2


@pytest.mark.parametrize(
    ("vary", "hint"),
    [
        ("qpss=1,2", "did you mean qps?"),
        ("price.H1000=-10%,+10%", "unknown accelerator"),
        ("qps", "PATH=RANGE"),
        ("qps=5..1:1", "0 values"),
        ("qps=1..5", "no step"),
        ("qps=1e30", "between 0.001"),
        ("stock.nobody=1", "unknown offer"),
        ("p99=200", "no unit"),
        ("qps=10,,20", "nothing on one side of a ','"),
        ("price.H100=10%", "has no sign; write a change of today's like +10% or -10%"),
        ("price.H100=$1e300/h", "is more than any node costs"),
        ("price.H100=+1e300%", "is more than any node costs"),
    ],
)
def test_refused(vary, hint, recommend):
    result = recommend("what-if", *ASKED, "--vary", vary, "-q")
    assert result.code == 2
    assert hint in result.complaint


def test_one_bad_value_does_not_stop_the_others(recommend):
    result = recommend("what-if", *ASKED, "--vary", "qps=10,NaN,20", "--json", "-q")
    assert result.code == 2  # as of a batch
    assert [s["status"] for s in json.loads(result.out)["steps"]] == [
        "optimal",
        "failed",
        "optimal",
    ]
    named, counted = result.err.splitlines()
    assert named.startswith("qps=NaN: ") and counted == "1 of 3 values failed"


def test_the_first_value_may_be_the_bad_one(recommend):
    given = ("--model", "8b", "--p99", "1s", "--gpu", "H100", "--fast", "-q", "--json")
    result = recommend("what-if", *given, "--vary", "qps=NaN,10")
    assert result.code == 2
    assert [s["status"] for s in json.loads(result.out)["steps"]] == ["failed", "optimal"]


def test_no_change_needs_no_sign(recommend):
    result = recommend("what-if", *ASKED, "--vary", "price.H100=-100%,0%,+0%", "--json", "-q")
    assert result.code == 0 and result.err == ""
    free, today, again = (s["cost_usd_per_h"] for s in json.loads(result.out)["steps"])
    assert free == 0 < today == again


def test_a_step_that_is_not_decided_is_four(recommend, monkeypatch):
    from recommender.what_if import what_if as module

    real = module._decided

    def undecided(value, study):
        step, *rest = real(value, study)
        return replace(step, status="feasible" if value == "20" else step.status), *rest

    monkeypatch.setattr(module, "_decided", undecided)
    assert recommend("what-if", *ASKED, "--vary", "qps=10,20", "-q").code == 4


def test_nothing_feasible_is_three(recommend):
    assert recommend("what-if", *ASKED, "--vary", "budget=$1/h,$2/h", "-q").code == 3
