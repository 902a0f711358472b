"""Reports of load generators, read as runs."""

import json

import pytest
from click.testing import CliRunner
from measurement_rows import row
from run_rows import PLANNED

from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.accuracy.prediction import own_values
from recommender.commands.calibrate_command import command
from recommender.errors import SpecError


def test_vllm_bench_report(tmp_path):
    predicted = own_values(understood([row(engine_version="")]).questions, PLANNED)[0]
    paths = []
    for index in range(5):
        paths.append(tmp_path / f"run{index}.json")
        report = {
            "model_id": "meta-llama/Llama-3.1-70B-Instruct", "completed": 100,
            "max_concurrency": 16, "total_input_tokens": 102_400, "total_output_tokens": 25_600,
            "mean_tpot_ms": predicted * 1e3 * 1.2, "mean_ttft_ms": 300.0,
        }  # fmt: skip
        paths[-1].write_text(json.dumps(report))
    arguments = [*map(str, paths), "-o", str(tmp_path / "overlay"), "--accelerator", "H100"]
    arguments += ["--accelerators", "4", "--precision", "fp8"]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert "vllm (dense): 5 rows of TPOT" in result.stdout
    assert "of one run, which says little of others; in plans, predicted" in result.stdout
    assert "times x 1.200, 20.0 % longer than shipped (slower)" in result.stdout


def vllm_result(concurrency, **changes):
    """As `vllm bench serve --save-result` writes it, without its lists."""
    return {
        "date": "20261120-101010", "backend": "vllm", "num_prompts": 100, "request_rate": "inf",
        "model_id": "meta-llama/Llama-3.1-8B-Instruct", "max_concurrency": concurrency,
        "duration": 50.0, "completed": 100, "total_input_tokens": 102_400,
        "total_output_tokens": 25_600, "mean_ttft_ms": 95.0, "mean_tpot_ms": 9.0,
        "median_tpot_ms": 9.0, "p99_tpot_ms": 12.0, **changes,
    }  # fmt: skip


H100 = Bench("H100", 1, 1, "bf16", "vllm")


def test_results_appended_to_one_file(tmp_path):
    path = tmp_path / "results.json"
    path.write_text("\n".join(json.dumps(vllm_result(c)) for c in (1, 8, 64)) + "\n")
    rows = [row for row in report_records(path, H100)[0] if row["kind"] == "tpot"]
    assert [row["concurrency_or_batch"] for row in rows] == ["1", "8", "64"]
    assert {row["isl"] for row in rows} == {"1024.0"}


def test_a_rate_without_a_limit_gives_its_mean_concurrency(tmp_path):
    """Little: 100 requests in 50 s, each 95 ms + 255*9 ms = 2.39 s in flight: 4.78."""
    path = tmp_path / "rate.json"
    path.write_text(json.dumps(vllm_result(None, request_rate=2.0)))
    assert report_records(path, H100)[0][0]["concurrency_or_batch"] == "4.78"
    path.write_text(json.dumps(vllm_result(None, duration=0.1)))
    assert report_records(path, H100)[0][0]["concurrency_or_batch"] == "100"  # all at once


def test_a_rate_below_the_limit_on_concurrency_fills_it_partly(tmp_path):
    """Little as above, 4.78, of the 64 that might be in flight; a limit of 4 is full."""
    path = tmp_path / "rate.json"
    path.write_text(json.dumps(vllm_result(64, request_rate=2.0)))
    (row, _) = report_records(path, H100)[0]
    assert (row["concurrency_or_batch"], row["notes"]) == ("4.78", "100 requests, 2 per s")
    path.write_text(json.dumps(vllm_result(4, request_rate=2.0)))
    assert report_records(path, H100)[0][0]["concurrency_or_batch"] == "4"
    path.write_text(json.dumps(vllm_result(64)))
    (row, _) = report_records(path, H100)[0]
    assert (row["concurrency_or_batch"], row["notes"]) == ("64", "100 requests, 64 at a time")


@pytest.mark.parametrize(
    ("strategy", "notes"),
    [
        ({"args": {"strategy": {"type_": "concurrent", "streams": 8}}}, "40 requests, 8 at a time"),
        ({"config": {"strategy": {"type_": "constant", "rate": 2.5}}}, "40 requests, 2.5 per s"),
        ({}, "40 requests"),
    ],
)
def test_guidellm_says_what_was_asked_for(tmp_path, strategy, notes):
    names = (
        "request_concurrency", "prompt_token_count", "output_token_count",
        "inter_token_latency_ms", "time_to_first_token_ms",
    )  # fmt: skip
    metrics = {name: {"successful": {"mean": 9.5, "count": 40}} for name in names}
    path = tmp_path / "benchmarks.json"
    report = {"args": {"model": "Llama-3.1-8B"}, "benchmarks": [{"metrics": metrics, **strategy}]}
    path.write_text(json.dumps(report))
    assert {row["notes"] for row in report_records(path, H100)[0]} == {notes}


def test_guidellm_counts_requests_that_were_cut_off_and_refuses_many_failures(tmp_path):
    """At the end of a run of fixed time as many are cut off as were in flight: the server had them
    as well."""
    names = (
        "request_concurrency", "prompt_token_count", "output_token_count",
        "inter_token_latency_ms", "time_to_first_token_ms",
    )  # fmt: skip
    metrics = {name: {"successful": {"mean": 9.5, "count": 40}} for name in names}
    metrics["request_concurrency"]["total"] = {"mean": 15.9}
    metrics["request_totals"] = {"successful": 40, "incomplete": 16, "errored": 1, "total": 57}
    failed = metrics | {"request_totals": {"successful": 40, "incomplete": 0, "errored": 10}}
    path = tmp_path / "benchmarks.json"
    runs = [{"metrics": metrics}, {"metrics": failed}]
    path.write_text(json.dumps({"args": {"model": "Llama-3.1-8B"}, "benchmarks": runs}))
    rows, left_out = report_records(path, H100)
    assert {row["concurrency_or_batch"] for row in rows} == {"15.9"}
    assert left_out == ["a run of benchmarks.json: 10 of 50 requests failed"]


def test_guidellm_names_the_model_among_its_arguments(tmp_path):
    def summary(mean):
        return {"successful": {"mean": mean, "median": mean}, "errored": {"mean": 0.0}}

    means = {
        "request_concurrency": 7.9, "prompt_token_count": 1024.0, "output_token_count": 256.0,
        "inter_token_latency_ms": 9.0, "time_to_first_token_ms": 95.0,
    }  # fmt: skip
    metrics = {name: summary(mean) for name, mean in means.items()}
    report = {"args": {"model": "Llama-3.1-8B"}, "benchmarks": [{"metrics": metrics}, {}]}
    path = tmp_path / "benchmarks.json"
    path.write_text(json.dumps(report))
    tpot, ttft = report_records(path, H100)[0]
    assert (tpot["model"], tpot["value"], ttft["value"]) == ("Llama-3.1-8B", "9.0", "95.0")


def test_why_no_row_can_be_used(tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(vllm_result(8)))
    arguments = [str(path), "-o", str(tmp_path / "overlay"), "--accelerator", "H9000"]
    with pytest.raises(SpecError, match="H9000"):
        CliRunner().invoke(command, arguments, catch_exceptions=False)
    path.write_text("{")
    with pytest.raises(SpecError, match="is not JSON"):
        CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_reports_that_are_none(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"something": 1}')
    arguments = [str(path), "-o", str(tmp_path / "overlay")]
    assert CliRunner().invoke(command, arguments).exit_code == 2  # names no accelerator
    with pytest.raises(SpecError, match="neither"):
        CliRunner().invoke(command, [*arguments, "--accelerator", "H100"], catch_exceptions=False)
