"""`recommend front`: all points, none of which another beats."""

import csv
import io
import json

import pytest
from asked import ASKED


@pytest.fixture
def points(recommend):
    result = recommend("front", *ASKED, "--json", "-q")
    assert result.code == 0
    return json.loads(result.out)


def test_no_point_beats_another(points):
    axes = [(p["cost_usd_per_h"], p["p99_s"], p["power_w"], p["quality_loss_pct"]) for p in points]
    assert len(axes) > 2
    for i, a in enumerate(axes):
        for j, b in enumerate(axes):
            if i != j:
                assert not all(x <= y for x, y in zip(a, b, strict=True)), (points[i], points[j])


def test_one_point_is_chosen_and_it_is_the_cheapest(points):
    (chosen,) = [p for p in points if p["chosen"]]
    assert chosen["cost_usd_per_h"] == min(p["cost_usd_per_h"] for p in points)


def test_csv(points, recommend, tmp_path):
    path = tmp_path / "front.csv"
    result = recommend("front", *ASKED, "-o", path, "-q")
    assert (result.code, result.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert len(rows) == len(points)
    assert {"cost_usd_per_h", "p99_s", "power_w", "quality_loss_pct", "chosen"} <= set(rows[0])


def test_fewer_points(recommend):
    some = json.loads(recommend("front", *ASKED, "--points", "3", "--json", "-q").out)
    assert 2 <= len(some) <= 4  # three, and the chosen one
    assert any(p["chosen"] for p in some)


def test_shown(recommend):
    result = recommend("front", *ASKED, "-q")
    assert result.code == 0 and "$" in result.out


def test_without_a_plan(recommend):
    result = recommend("front", *ASKED, "--budget", "$1/h", "-q")
    assert result.code == 3
    assert "--budget" in result.out


def test_quality_of_the_worst_is_no_axis_of_mixed_models(recommend):
    flags = ("--model", "70b,8b", "--mix-models", "--qps", "20", "--p99", "1s")
    result = recommend("front", *flags, "--mixed", "cost,quality")
    assert result.code == 2 and "the worst deployment" in result.complaint
