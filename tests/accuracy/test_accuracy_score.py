"""Scores by hand, and the scorecard of a small file."""

import csv
import json
import math

import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, row

from recommender.accuracy import scorecard_rows
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


def test_power_is_scored_within_one_scope(tmp_path):
    power = {"kind": "power", "unit": "W", "value": "400"}
    records = [
        row(**power, metric="gpu_power_avg"), row(**{**power, "metric": "gpu_power_avg_all_gpus"}),
        row(kind="power", unit="J/tok", value="1", metric="energy_per_output_token"),
    ]  # fmt: skip
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(records)
    result = CliRunner().invoke(command, [str(path), "--json"], catch_exceptions=False)
    kinds = json.loads(result.stdout)["scores"]["kind"]
    assert {name: score["rows"] for name, score in kinds.items()} == {
        "power, gpu_power_avg": 1,
        "power, gpu_power_avg_all_gpus": 1,
        "power, energy_per_output_token": 1,
    }


def test_values_that_nobody_measured_are_none_and_large_errors_fit_their_column(tmp_path):
    """1e-320 ms had made JSON of infinities, and 1e-300 a table 300 columns wide; they are refused
    with what is wrong, and had been counted as rows without a value.
    """
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        values = ("1e-320", "1e-300", "1e300", "nan", "-inf", "-3", "soon", "1e-9", "1e15")
        writer.writerows(row(value=value) for value in values)
    result = CliRunner().invoke(command, [str(path), "--json"], catch_exceptions=False)
    content = json.loads(result.stdout)
    assert (content["rows"], content["refused_rows"], content["without_value"]) == (9, 7, 0)
    assert {one["reason"]: one["rows"] for one in content["refused"]} == {
        "value N is not between N and N": 3,
        "value N is not a positive, finite number": 2,
        "value -N is not a positive, finite number": 1,
        "value is not a number": 1,
    }
    text = CliRunner().invoke(command, [str(path)], catch_exceptions=False).stdout
    assert max(map(len, text.splitlines())) <= 80


def written(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(rows)
    return path


BEYOND = [row(id="fast", value="0.1"), row(id="faster", value="0.05", isl=2048)]


@pytest.mark.parametrize("block_rows", [1, 2, 4096])
def test_rows_faster_than_their_hardware_are_named_and_not_scored(
    tmp_path, monkeypatch, block_rows
):
    """70.6e9 bytes of weights / (4 * 3.35e12 bytes/s) = 5.3 ms, and the cache of 16 sequences."""
    monkeypatch.setattr(scorecard_rows, "BLOCK_ROWS", block_rows)
    plain = [row(), row(kind="memory", metric="model_weights_per_gpu", unit="GiB", value="18")]
    path = written(tmp_path / "rows.csv", [plain[0], BEYOND[0], plain[1], BEYOND[1]])
    content = json.loads(CliRunner().invoke(command, [str(path), "--json"]).stdout)
    alone = written(tmp_path / "alone.csv", plain)
    expected = json.loads(CliRunner().invoke(command, [str(alone), "--json"]).stdout)
    assert (content["rows"], content["impossible_rows"]) == (4, 2)
    assert content["scores"] == expected["scores"] and content["worst"] == expected["worst"]
    assert [one["id"] for one in content["impossible"]] == ["faster", "fast"]
    assert content["impossible"][1]["times_faster"] == pytest.approx(57.2, abs=0.1)
    text = CliRunner().invoke(command, [str(path)]).stdout
    assert "4 rows: 2 scored, 0 refused, 2 impossible" in text
    assert "faster than the datasheet allows by more than 10 %" in text
    assert "    57.2  fast Llama-3.1-70B on NVIDIA H100 80GB: tpot_mean" in text
    assert max(map(len, text.splitlines())) <= 80


def test_of_many_impossible_rows_the_furthest_are_named(tmp_path):
    rows = [row(id=f"T{n}", value=str(0.1 / n)) for n in range(1, 31)]
    text = CliRunner().invoke(command, [str(written(tmp_path / "rows.csv", rows))]).stdout
    assert "30 rows: 0 scored, 0 refused, 30 impossible" in text
    assert "(times faster); 10 more" in " ".join(text.split())
    assert "T30 " in text and "T11 " in text and "T10 " not in text


def test_what_is_as_fast_as_a_tenth_beyond_the_datasheet_is_scored(tmp_path):
    """As in calibrate: 5.72 / 1.1 = 5.2 ms."""
    path = written(tmp_path / "rows.csv", [row(value="5.21"), row(value="5.19")])
    text = CliRunner().invoke(command, [str(path)]).stdout
    assert "2 rows: 1 scored, 0 refused, 1 impossible" in text
