"""Reports that state their layout, hold absurd figures, or never end: flags cannot contradict them,
and one line says what is wrong.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from measurement_rows import row
from run_rows import records, write_rows

from recommender.accuracy.fit import calibrate as fit_calibrate
from recommender.accuracy.fit import report_documents, run_reports
from recommender.accuracy.fit.report_layout import StatedLayout, stated_layout
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.commands.calibrate_command import command
from recommender.errors import SpecError

H100 = Bench("H100", 8, 8, "bf16", "vllm")
RESULT = {
    "model_id": "meta-llama/Llama-3.1-8B-Instruct", "max_concurrency": 8, "num_prompts": 100,
    "completed": 100, "total_input_tokens": 102_400, "total_output_tokens": 25_600,
    "mean_ttft_ms": 95.0, "mean_tpot_ms": 9.0,
}  # fmt: skip


def written(path, *contents):
    path.write_text("\n".join(map(json.dumps, contents)))
    return path


def refusal(path, bench=H100):
    with pytest.raises(SpecError) as caught:
        report_records(path, bench)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ({}, StatedLayout()),
        ({"tp": "4"}, StatedLayout(tp=4)),
        ({"Tensor-Parallel-Size": 4, "pp": 2, "dp": 3}, StatedLayout(4, 2, 3)),
        ({"metadata": {"tp": "2"}, "gpus": 8}, StatedLayout(tp=2, accelerators=8)),
        ({"server_info": {"tp_size": 8, "dp_size": 4}}, StatedLayout(tp=8, dp=4)),
        (
            {"server_info": {"tp_size": 8, "dp_size": 4, "enable_dp_attention": True}},
            StatedLayout(tp=8),
        ),
        ({"tp": "four", "pp": 0, "dp": 1.5, "gpus": "8x"}, StatedLayout()),
        ({"tp": [4], "pp": None, "dp": 10**400, "gpus": "9" * 5000}, StatedLayout()),
        ({"tp": 4, "metadata": {"tp": 2}}, StatedLayout(tp=4)),
    ],
)
def test_what_reports_state(content, layout):
    assert stated_layout(content) == layout


@pytest.mark.parametrize(
    ("stated", "accelerators", "tp", "own"),
    [
        ({"tp": "2"}, 4, 4, "states tp 2, which is not --accelerators 4 --tp 4; its own are"
         " --accelerators 2 --tp 2"),
        ({"tp": 4, "dp": 2}, 4, 4, "states tp 4, dp 2, which is not --accelerators 4 --tp 4; its"
         " own are --accelerators 8 --tp 4"),
        ({"tp": 2, "pp": 2}, 6, 2, "its own are --accelerators 4 --tp 2"),
        ({"gpus": 8}, 4, 4, "states 8 accelerators, which is not --accelerators 4 --tp 4; its own"
         " are --accelerators 8"),
    ],
)  # fmt: skip
def test_flags_that_contradict_the_report_are_refused(tmp_path, stated, accelerators, tp, own):
    """A run on two accelerators had been read as one on four: half as fast as it was."""
    path = written(tmp_path / "run.json", RESULT | stated)
    assert own in refusal(path, replace(H100, accelerators=accelerators, tp=tp))


def test_flags_that_the_report_bears_out_are_taken(tmp_path):
    """Copies behind one address are a multiple of the group; degrees reach the rows."""
    path = written(tmp_path / "run.json", RESULT | {"tp": 2, "pp": 2, "dp": 1})
    rows, _ = report_records(path, replace(H100, accelerators=8, tp=2))
    assert {(one["gpu_count"], one["tp"], one["pp"], one["dp"]) for one in rows} == {
        ("8", "2", "2", "")
    }
    path = written(tmp_path / "run.json", RESULT)
    assert {one["pp"] for one in report_records(path, H100)[0]} == {""}


def test_a_wrong_count_reaches_the_user_as_one_line(tmp_path):
    path = written(tmp_path / "run.json", *[RESULT | {"tp": "1", "max_concurrency": 2**n}
                   for n in range(6)])  # fmt: skip
    arguments = [str(path), "-o", str(tmp_path / "own"), "--accelerator", "H100"]
    found = CliRunner().invoke(command, [*arguments, "--accelerators", "4"])
    assert "states tp 1, which is not --accelerators 4 --tp 4" in str(found.exception)
    assert CliRunner().invoke(command, arguments, catch_exceptions=False).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mean_tpot_ms": -9}, "its mean TPOT in ms is -9, which nobody measures"),
        ({"mean_ttft_ms": 1e999}, "its mean TTFT in ms is inf, which nobody measures"),
        ({"mean_tpot_ms": float("nan")}, "its mean TPOT in ms is nan, which nobody measures"),
        ({"total_input_tokens": -1000}, "its mean prompt tokens is -10, which nobody measures"),
        ({"max_concurrency": -3}, "its mean requests in flight is -3, which nobody measures"),
        ({"completed": 1000}, "1000 requests were completed, more than the 100 that were sent"),
    ],
)
def test_figures_that_nobody_measures_leave_out_their_run_alone(tmp_path, changes, reason):
    path = written(tmp_path / "run.json", RESULT, RESULT | changes)
    rows, left_out = report_records(path, H100)
    assert len(rows) == 2
    assert left_out == [f"a run of run.json: {reason}"]


def test_a_device_that_never_ends_is_read_up_to_the_limit(tmp_path, monkeypatch):
    """Its size is 0: a link to `/dev/zero` had been read until the memory was full."""
    link = tmp_path / "run.json"
    link.symlink_to("/dev/zero")
    monkeypatch.setattr(report_documents, "LARGEST_BYTES", 1 << 20)
    assert "is not JSON: it is no text: it holds NUL characters" in refusal(link)


def test_values_are_counted_before_they_are_made(tmp_path, monkeypatch):
    """240 MB of `[],` had taken more than 6 GB."""
    monkeypatch.setattr(report_documents, "MOST_VALUES", 1000)
    path = written(tmp_path / "run.json", RESULT | {"itls": [[1.5]] * 200})
    assert report_records(path, H100)[0]
    path = written(tmp_path / "run.json", RESULT | {"itls": [[]] * 2000})
    assert "holds more than 1,000 values; save it without the lists of" in refusal(path)


def test_runs_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(run_reports, "MOST_RUNS", 3)
    path = written(tmp_path / "run.json", {"benchmarks": [3] * 3})
    assert "holds no run to calibrate to: its figures are no numbers" in refusal(path)
    path = written(tmp_path / "run.json", {"benchmarks": [3] * 4})
    assert "holds more than 3 runs; keep your own" in refusal(path)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"\x1f\x8b\x08\x00", "is not JSON: it is a gzip archive; unpack it"),
        (json.dumps(RESULT).encode("utf-16"), "is not JSON: it is UTF-16, not UTF-8"),
        (b'{"a": "\xe9"}', "is not UTF-8 text; save it as UTF-8"),
        (b"1" * 5000, "holds a number of thousands of digits"),
        (b'{"a": 1', "is not JSON: Expecting ',' delimiter: line 1 column 8"),
    ],
)
def test_files_that_are_no_json(tmp_path, content, cause):
    path = tmp_path / "run.json"
    path.write_bytes(content)
    assert cause in refusal(path)


def calibrated(tmp_path, rows, more=""):
    path = write_rows(tmp_path / "runs.csv", rows)
    with path.open("a") as file:
        file.write(more)
    return CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "own")])


def test_a_broken_row_is_named_by_its_place(tmp_path):
    found = calibrated(tmp_path, records(), "a,b\nc\nd,e\n").stdout
    assert "left out: 2 rows: 2 cells under 25 columns (row 25 of runs.csv is the first)" in found
    assert "left out: 1 row: 1 cells under 25 columns (row 26 of runs.csv)" in found


def test_reasons_without_end_are_a_few_lines(tmp_path, monkeypatch):
    """Each broken line has a reason of its own, with its number."""
    monkeypatch.setattr(fit_calibrate, "MOST_PROBLEMS", 2)
    monkeypatch.setattr(fit_calibrate, "MOST_LEFT_OUT", 3)
    bad = [row(isl=f"x{n}") for n in range(9)]
    found = calibrated(tmp_path, records() + bad, "".join(f"{',' * n}\n" for n in range(5))).stdout
    lines = [line for line in found.splitlines() if line.startswith("left out")]
    assert len(lines) == 4
    assert "rows: broken in other ways (row 36 of runs.csv is the first)" in found
    assert lines[-1] == "left out: 9 more reasons; `predict` names every row"


def test_columns_that_are_not_read_are_not_held(tmp_path):
    path = tmp_path / "runs.csv"
    write_rows(path, [{**one, "mine": "x"} for one in records()], columns=(*row(), "mine"))
    (records_, _) = fit_calibrate._table(path)
    assert "mine" not in records_[0] and records_[0]["kind"] == "tpot"


def test_text_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(fit_calibrate, "MOST_CHARACTERS", 20_000)
    found = calibrated(tmp_path, [row(notes="x" * 10_000)] * 3)
    assert "keep your own runs" in str(found.exception)
    assert not Path(tmp_path / "own").exists()
