"""Own rows that cannot be right: settings that contradict themselves, and rows far off."""

import csv
import json

import pytest
from click.testing import CliRunner
from measurement_rows import row
from run_rows import CALIBRATION, PLANNED, records, write_rows

from recommender.accuracy.fit.doubtful_rows import contradicting
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.own_errors import Claimed
from recommender.accuracy.fit.own_runs import SPEEDS, correct
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.accuracy.prediction import in_unit, own_values
from recommender.commands.calibrate_command import command
from recommender.errors import SpecError

RESULT = {
    "model_id": "meta-llama/Llama-3.1-8B-Instruct", "max_concurrency": 8, "completed": 100,
    "total_input_tokens": 102_400, "total_output_tokens": 25_600, "duration": 50.0,
    "mean_ttft_ms": 95.0, "mean_tpot_ms": 9.0,
}  # fmt: skip
H100 = Bench("H100", 1, 1, "bf16", "vllm")


def calibrate(path, tmp_path):
    return CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "own")])


def test_equal_settings_of_other_speeds_are_no_slow_engine(tmp_path):
    """18 and 9 ms had been `x 2.1, off by 0.0 %` once 4 ms went as beyond the datasheet."""
    values = [4, 18, 9, 4, 18, 9, 18, 18]
    runs = write_rows(tmp_path / "runs.csv", [row(value=value) for value in values])
    found = calibrate(runs, tmp_path)
    assert "left out: 1 row: 4 ms is impossible" in str(found.exception)
    assert "6 rows: one setting that was measured at 9 ms to 18 ms" in str(found.exception)
    assert "on 4 x H100 80GB SXM5, 1024 + 256 tokens, 16 at a time" in str(found.exception)
    assert not (tmp_path / "own").exists()


def test_a_row_that_is_impossible_takes_no_other_with_it(tmp_path):
    """0.1 ms had removed the 14 ms of the same setting: they differ by more than half."""
    beside = [row(value=0.1), row(value=14)]
    runs = write_rows(tmp_path / "runs.csv", [*records(factor=1.3), *beside])
    found = calibrate(runs, tmp_path)
    assert "left out: 1 row: 0.1 ms is impossible" in found.stdout
    assert "one setting" not in found.stdout
    assert "vllm (dense): 17 rows of TPOT" in found.stdout  # 16 of 24, and 14 ms


def test_other_settings_are_still_used(tmp_path):
    contrary = [row(value=value, isl=2000) for value in (20, 50)]
    runs = write_rows(tmp_path / "runs.csv", [*records(factor=1.3), *contrary])
    found = calibrate(runs, tmp_path)
    assert "left out: 2 rows: one setting that was measured at 20 ms to 50 ms" in found.stdout
    assert found.stdout.count("predicted times x 1.3") == 2


@pytest.mark.parametrize(
    ("changes", "contradict"),
    [
        ({"value": 20}, 0),  # noise: 14 and 20 ms are within a factor of 1.5
        ({"value": 22}, 2),
        ({"value": "0.014", "unit": "s"}, 0),  # the same time
        ({"value": "0.022", "unit": "s"}, 2),
        ({"value": 22, "isl": 2048}, 0),  # another setting
        ({"value": 22, "isl": 1050, "osl": 250}, 2),  # drawn lengths: within 3 %
        ({"value": 22, "isl": 1060}, 0),
        ({"value": 22, "kind": "ttft", "metric": "ttft_mean"}, 0),
    ],
)
def test_which_rows_contradict_each_other(changes, contradict):
    contrary, lines = contradicting(understood([row(), row(**changes)]), SPEEDS)
    assert (contrary.sum(), len(lines)) == (contradict, contradict // 2)


def test_first_tokens_correct_nothing_and_contradict_nothing():
    first = {"kind": "ttft", "metric": "ttft_mean"}
    measured = understood([row(value=90, **first), row(value=900, **first)])
    assert not contradicting(measured, SPEEDS)[0].any()
    assert contradicting(understood([]), SPEEDS)[1] == []


def test_many_contradictions_are_few_lines():
    rows = [row(isl=256 * n, value=value) for n in range(1, 8) for value in (14, 40)]
    contrary, lines = contradicting(understood(rows), SPEEDS)
    assert contrary.all() and len(lines) == 4
    assert lines[-1] == "8 rows: 4 other settings that contradict themselves"


def as_planned(factors):
    """Runs of other loads, each so many times as slow as plans predict."""
    rows = [row(concurrency_or_batch=4 + 4 * n) for n in range(len(factors))]
    questions = understood(rows).questions
    predicted = zip(rows, questions, own_values(questions, PLANNED), factors, strict=True)
    return [{**one, "value": str(in_unit(q, own) * f)} for one, q, own, f in predicted]


def test_a_row_ten_times_off_among_ten_is_named(tmp_path):
    """10 / 1.2 = 8.3 times the prediction; the median moves by one rank, of loads that shares and
    overheads scale almost alike.
    """
    rows = as_planned([1.2] * 9 + [10.0])
    _, (done,) = correct(understood(rows), CALIBRATION, source="test")
    assert done.factor == pytest.approx(1.2, rel=5e-3)
    (line,) = done.far_off
    measured = float(rows[-1]["value"])
    predicted = float(line.split(" where ")[1].split(" ")[0])
    assert measured / predicted == pytest.approx(10 / 1.2, rel=0.02)
    assert "40 at a time" in line
    found = calibrate(write_rows(tmp_path / "runs.csv", rows), tmp_path)
    assert "kept, though more than twice off: " in found.stdout


def test_rates_far_off_are_named_with_what_is_predicted():
    rate = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
    rows = [row(**rate, concurrency_or_batch=4 * n) for n in range(1, 11)]
    questions = understood(rows).questions
    own = own_values(questions, PLANNED)
    rates = [in_unit(q, v) / f for q, v, f in zip(questions, own, [1.0] * 9 + [5.0], strict=True)]
    measured = understood({**one, "value": str(v)} for one, v in zip(rows, rates, strict=True))
    _, (done,) = correct(measured, CALIBRATION, source="test")
    (line,) = done.far_off
    predicted = float(line.split(" where ")[1].split(" ")[0])
    assert predicted / rates[-1] == pytest.approx(5, rel=0.02)


def test_most_rows_far_off_are_counted():
    rows = as_planned([1.0] * 11 + [8.0] * 5)
    _, (done,) = correct(understood(rows), CALIBRATION, source="test")
    assert len(done.far_off) == 4
    assert done.far_off[-1] == "kept, though more than twice off: 2 more rows of 16"


@pytest.mark.parametrize("rate", [-2, "-inf", float("nan")])
def test_a_rate_below_nothing_is_refused(tmp_path, rate):
    """It had been read as any other: what a mistyped --request-rate leaves."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps([RESULT, RESULT | {"request_rate": rate}]))
    rows, left_out = report_records(path, H100)
    assert len(rows) == 2
    assert len(left_out) == 1 and "request_rate" in left_out[0] and "not above 0" in left_out[0]


def test_a_list_of_results_is_read_as_one_after_the_other(tmp_path):
    results = [RESULT | {"max_concurrency": 2**n} for n in range(4)]
    listed, appended = tmp_path / "list.json", tmp_path / "appended.json"
    listed.write_text(json.dumps(results))
    appended.write_text("\n".join(map(json.dumps, results)))
    assert report_records(listed, H100) == report_records(appended, H100)
    assert len(report_records(listed, H100)[0]) == 8


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "holds no run to calibrate to: it lists none"),
        ("[3]", "is neither a `vllm bench serve` result"),
        ('[{"a": 1}]', "is neither"), (json.dumps([[RESULT]]), "is neither"),
    ],
)  # fmt: skip
def test_lists_of_something_else(tmp_path, text, reason):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(SpecError, match=reason):
        report_records(path, H100)


def test_one_is_no_plural(tmp_path):
    assert "; 1 different run (lengths" in str(Claimed("H100", 1, None))
    ttft = {"kind": "ttft", "metric": "ttft_mean", "value": "200"}
    runs = write_rows(tmp_path / "runs.csv", [*records(factor=1.3), row(**ttft), row(value="")])
    found = calibrate(runs, tmp_path)
    assert "left out: 1 row of ttft: only TPOT" in found.stdout
    assert "left out: 1 row: no value above 0" in found.stdout
    assert len(list(csv.reader((tmp_path / "own" / "step_constants.csv").open()))) > 1
