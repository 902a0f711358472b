"""Scores by hand, and the scorecard of a small file."""

import csv
import json
import math

import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, row

from recommender.accuracy.score import Tally
from recommender.commands.accuracy_command import command


def test_score_by_hand():
    tally = Tally()
    for measured, predicted in ((100, 110), (100, 80), (100, 200)):
        tally.add(
            measured=measured,
            predicted=predicted,
            low=predicted / 1.3,
            high=predicted * 1.3,
            keys=[("kind", "tpot")],
        )
    score = tally.scores()["kind", "tpot"]
    assert score.rows == 3
    assert score.median_error_pct == pytest.approx(20)  # of 10, 20 and 100 %
    assert score.mean_error_pct == pytest.approx(130 / 3)
    assert score.bias_pct == pytest.approx(100 * (math.cbrt(1.1 * 0.8 * 2) - 1))
    assert score.within_20_pct == pytest.approx(200 / 3)  # 10 and 20 %
    assert score.coverage_pct == pytest.approx(200 / 3)  # 200/1.3 = 154 lies above 100
    assert score.width == pytest.approx(1.69)


def test_scorecard_of_a_file(tmp_path):
    path = tmp_path / "rows.csv"
    records = [
        row(), row(id="far", value="1000"), row(gpu="Imaginary X1"), row(value=""),
        row(kind="memory", metric="model_weights_per_gpu", unit="GiB", value="18"),
    ]  # fmt: skip
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(records)
    result = CliRunner().invoke(command, [str(path), "--json"], catch_exceptions=False)
    content = json.loads(result.stdout)
    assert (content["rows"], content["refused_rows"], content["without_value"]) == (5, 1, 1)
    assert content["scores"]["kind"]["tpot"]["rows"] == 2
    assert content["worst"][0]["id"] == "far"
    text = CliRunner().invoke(command, [str(path)], catch_exceptions=False).stdout
    assert "5 rows: 3 scored, 1 refused, 1 without a value" in text
    assert max(map(len, text.splitlines())) <= 80
    narrow = CliRunner(env={"COLUMNS": "40"}).invoke(command, [str(path)]).stdout
    assert max(map(len, narrow.splitlines())) <= 40
    assert "tpot: 2 rows, median" in narrow


def test_values_that_nobody_measured_are_none_and_large_errors_fit_their_column(tmp_path):
    """1e-320 ms had made JSON of infinities, and 1e-300 a table 300 columns wide."""
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        values = ("1e-320", "1e-300", "1e300", "nan", "-inf", "-3", "soon", "1e-9", "1e15")
        writer.writerows(row(value=value) for value in values)
    result = CliRunner().invoke(command, [str(path), "--json"], catch_exceptions=False)
    content = json.loads(result.stdout)
    assert (content["rows"], content["without_value"]) == (9, 7)
    text = CliRunner().invoke(command, [str(path)], catch_exceptions=False).stdout
    assert max(map(len, text.splitlines())) <= 80
