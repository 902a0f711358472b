"""The fit: solver, derivatives, held-out rows, recovery of known constants, own runs, reports."""

import csv
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, row

from catalog.calibration import load_calibration
from recommender.accuracy.fit.fit_model import FitModel
from recommender.accuracy.fit.folds import WAYS, held_out
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.own_runs import correct
from recommender.accuracy.fit.parameters import PARAMETERS, start_positions, values_of
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.accuracy.fit.solver import solve
from recommender.accuracy.fit.training import training
from recommender.accuracy.fit.wheel import SAMPLE, wheel_records
from recommender.accuracy.prediction import in_unit, own_values
from recommender.commands.calibrate_command import command
from recommender.errors import SpecError

CALIBRATION = load_calibration()
PLANNED = replace(
    CALIBRATION, deviations=tuple(row for row in CALIBRATION.deviations if row.scope != "version")
)
"""As plans predict: of no version in particular."""


def records(factor=1.0, count=24, noise=0.0):
    """Rows whose values are what plans predict, times a factor."""
    rng = np.random.default_rng(1)
    rows = [
        row(
            concurrency_or_batch=2 ** (index % 7), isl=256 * (1 + index % 4),
            model=("Llama-3.1-70B", "Qwen3-32B", "DeepSeek-V3")[index % 3],
            gpu=("NVIDIA H100", "NVIDIA B200")[index % 2], tp=8, gpu_count=8,
        )
        for index in range(count)
    ]  # fmt: skip
    measured = understood(rows)
    predicted = own_values(measured.questions, PLANNED)
    return [
        {**record, "value": str(in_unit(question, own) * factor * np.exp(noise * rng.normal()))}
        for record, question, own in zip(rows, measured.questions, predicted, strict=True)
    ]


def test_start_values_are_inside_their_limits():
    values = values_of(start_positions())
    for parameter, value in zip(PARAMETERS, values, strict=True):
        assert value == pytest.approx(parameter.start)
        assert parameter.low < value < parameter.high


def test_solver_finds_the_minimum_despite_outliers():
    x = np.linspace(0, 1, 50)
    y = 2 + 3 * x
    y[::10] += 100  # five of fifty are absurd

    def residuals(v):
        return (v[0] + v[1] * x - y) / 0.1

    def jacobian(_):
        return np.stack([np.ones_like(x), x], axis=1) / 0.1

    wide = np.full(2, 1e3)
    found = solve(residuals, jacobian, np.zeros(2), mean=np.zeros(2), deviation=wide)
    assert found == pytest.approx([2, 3], abs=0.1)


def test_without_data_the_prior_remains():
    mean = np.array([1.0, -2.0])
    found = solve(
        lambda v: np.zeros(1), lambda v: np.zeros((1, 2)), np.zeros(2), mean=mean,
        deviation=np.ones(2),
    )  # fmt: skip
    assert found == pytest.approx(mean)


def test_normal_equations_match_central_differences():
    measured = understood(records(count=8))
    trained = training(measured.questions, measured.values, CALIBRATION)
    model = FitModel(trained.data, trained.shape)
    at = trained.shape.start()
    weights = np.linspace(0.5, 1.0, len(trained.data))
    gradient, curvature = model.normal_equations(at, weights)

    def slopes(index):
        step = np.zeros_like(at)
        step[index] = 1e-3
        return (model.residuals(at + step) - model.residuals(at - step)) / 2e-3

    rng = np.random.default_rng(2)
    first = len(at) - 4 * len(trained.groups.names) + 4  # of the first real group
    for index in (*rng.choice(trained.shape.size, 20, replace=False), first, first + 1):
        central = slopes(index)
        assert gradient[index] == pytest.approx(
            central @ (weights * model.residuals(at)), rel=0.02, abs=0.2
        )
        assert curvature[index, index] == pytest.approx(
            central @ (weights * central), rel=0.03, abs=0.05
        )


def test_fit_follows_its_data():
    """Values twice as slow as predicted: a fit ends within a few percent of them."""
    measured = understood(records(factor=2.0, count=48))
    trained = training(measured.questions, measured.values, CALIBRATION)
    before = trained.errors(trained.data, trained.shape.start())
    vector = trained.fit(trained.data, start=trained.shape.start())
    after = trained.errors(trained.data, vector)
    assert np.median(np.abs(after)) < 0.1 < np.median(np.abs(before))


@pytest.mark.parametrize("way", WAYS)
def test_every_row_is_held_out_once(way):
    questions = understood(records()).questions
    times = sum(mask.astype(int) for mask in held_out(questions, way))
    assert np.all(times == 1)


def test_own_runs_scale_the_constants():
    measured = understood(records(factor=1.4, noise=0.05))
    calibration, corrections = correct(measured, CALIBRATION, source="test")
    assert {done.cell for done in corrections} == {("vllm", "dense"), ("vllm", "moe")}
    for done in corrections:
        assert done.factor == pytest.approx(1.4, rel=0.06)
        assert done.median_error_after_pct < done.median_error_before_pct
    assert calibration.constants(engine="sglang", kind="moe") == CALIBRATION.constants(
        engine="sglang", kind="moe"
    )


def test_own_runs_replace_what_versions_added():
    """Corrected constants predict the runs alone; engines that were not run keep their versions."""
    calibration, _ = correct(understood(records()), CALIBRATION, source="test")
    left = {(r.engine, r.kind) for r in calibration.deviations if r.scope == "version"}
    shipped = {(r.engine, r.kind) for r in CALIBRATION.deviations if r.scope == "version"}
    assert left == shipped - {("vllm", "dense"), ("vllm", "moe")}
    assert ("sglang", "moe") in left
    others = [r for r in CALIBRATION.deviations if r.scope != "version"]
    assert [r for r in calibration.deviations if r.scope != "version"] == others


def test_own_runs_that_are_too_few_or_contradict():
    with pytest.raises(SpecError, match="at least 5"):
        correct(understood(records(count=3)), CALIBRATION, source="test")
    with pytest.raises(SpecError, match="contradict"):
        correct(understood(records(noise=1.5)), CALIBRATION, source="test")


def test_calibrate_command(tmp_path):
    runs, output = tmp_path / "runs.csv", tmp_path / "overlay"
    with runs.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(records(factor=1.3))
    arguments = [str(runs), "-o", str(output)]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert "times x 1.3" in result.stdout
    overlay = load_calibration(output)
    engine = overlay.constants(engine="vllm", kind="dense")
    assert "runs.csv" in engine.source
    with pytest.raises(SpecError, match="nothing is overwritten"):
        CliRunner().invoke(command, arguments, catch_exceptions=False)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "runs.csv: No such file or directory$"),
        (b"", "runs.csv is empty; expected the columns"),
        (b"id,kind\n", "not in the measurement format: no column model, gpu"),
        (b"kind,model,gpu,metric,unit\n\xff,,,,\n", "left out: 1 rows: not UTF-8 text$"),
        (b"kind,model,gpu,metric,unit\na\n", "left out: 1 rows: 1 cells under 5 columns$"),
    ],
)
def test_runs_that_cannot_be_read(tmp_path, content, reason):
    runs = tmp_path / "runs.csv"
    if content is not None:
        runs.write_bytes(content)
    with pytest.raises(SpecError, match=reason):
        CliRunner().invoke(command, [str(runs), "-o", str(tmp_path / "o")], catch_exceptions=False)
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "runs.csv is empty; expected the columns"),
        ("a,b\n1,2\n", "not in the measurement format: no column kind"),
        ("kind,model,gpu,metric,unit\n", "no row of speed can be used: nothing to refit"),
    ],
)
def test_runs_that_cannot_be_refitted(tmp_path, content, reason):
    runs = tmp_path / "runs.csv"
    runs.write_text(content)
    arguments = [str(runs), "--refit", "-o", str(tmp_path / "o")]
    with pytest.raises(SpecError, match=reason):
        CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_runs_of_a_spreadsheet_with_a_byte_order_mark(tmp_path):
    runs = tmp_path / "runs.csv"
    with runs.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, fieldnames=["kind", *(n for n in GOOD if n != "kind")])
        writer.writeheader()
        writer.writerows(records(factor=1.3))
    arguments = [str(runs), "-o", str(tmp_path / "o")]
    assert "times x 1.3" in CliRunner().invoke(command, arguments, catch_exceptions=False).stdout


def test_own_runs_scale_every_overhead():
    """1.3 times the time: overheads 1.3 times as long, that of prompts without graphs as well."""
    slower, _ = correct(understood(records(factor=1.3)), CALIBRATION, source="test")
    before = CALIBRATION.constants(engine="vllm", kind="dense")
    after = slower.constants(engine="vllm", kind="dense")
    assert before.prompt_layer_s > 0
    assert after.prompt_layer_s / before.prompt_layer_s == pytest.approx(
        after.step_s / before.step_s
    )


def test_runs_faster_than_the_hardware_are_left_out_and_named(tmp_path):
    runs, output = tmp_path / "runs.csv", tmp_path / "overlay"
    absurd = [row(value="0.1"), row(value="0.1", concurrency_or_batch=32), row(value="")]
    _write(runs, [*records(factor=1.3), *absurd])
    result = CliRunner().invoke(command, [str(runs), "-o", str(output)], catch_exceptions=False)
    assert "left out: 2 rows: faster than the hardware's datasheet allows" in result.stdout
    assert "left out: 1 rows: no value above 0" in result.stdout
    assert "times x 1.3" in result.stdout


def test_runs_that_are_all_faster_than_the_hardware(tmp_path):
    runs = tmp_path / "runs.csv"
    _write(runs, [row(value="0.1")] * 6)
    with pytest.raises(SpecError, match=r"0 usable rows.*; left out: 6 rows: faster than"):
        CliRunner().invoke(command, [str(runs), "-o", str(tmp_path / "o")], catch_exceptions=False)


def _write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(rows)


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
    assert "vllm (dense): 5 rows, times x 1.200" in result.stdout


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
    rows = [row for row in report_records(path, H100) if row["kind"] == "tpot"]
    assert [row["concurrency_or_batch"] for row in rows] == ["1", "8", "64"]
    assert {row["isl"] for row in rows} == {"1024.0"}


def test_a_rate_without_a_limit_gives_its_mean_concurrency(tmp_path):
    """Little: 100 requests in 50 s, each 95 ms + 255*9 ms = 2.39 s in flight: 4.78."""
    path = tmp_path / "rate.json"
    path.write_text(json.dumps(vllm_result(None, request_rate=2.0)))
    assert report_records(path, H100)[0]["concurrency_or_batch"] == "4.78"
    path.write_text(json.dumps(vllm_result(None, duration=0.1)))
    assert report_records(path, H100)[0]["concurrency_or_batch"] == "100"  # all at once


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
    tpot, ttft = report_records(path, H100)
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


def test_wheel_rows(tmp_path):
    """Groups whose sizes were multiplied are read as one. Separate prefill pools, runs behind a
    fleet's frontend, and a run listed again as the same network's other name are left out.
    """
    columns = (
        "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
        "batch_size,tp_size,attention_dp_size,moe_tp_size,moe_ep_size,silicon_ttft_ms,"
        "silicon_tpot_ms"
    )
    lines = [
        "a,silicon_concurrency=8; measured=2026-03-01,vllm,0.18,m/Llama-3.1-70B,h100_sxm,fp8,agg,"
        "1024,512,9,4,,1,1,100,12",
        "b,x,trtllm,1.0,m/DeepSeek-R1,b200_sxm,fp4,agg,1024,512,32,64,1,8,8,100,12",
        "c,x,trtllm,1.0,m/DeepSeek-R1,b200_sxm,fp4,disagg,1024,512,32,8,1,8,8,100,12",
        "d,x,trtllm,1.0,m/DeepSeek-R1,b200_sxm,fp4,agg,1024,512,32,36,1,36,1,100,12",
        "e,x,trtllm,1.1,m/DeepSeek-V3,b200_sxm,fp4,agg,1024,512,32,64,1,8,8,100,12",
        "f,dynamo_version=0.9.0,vllm,0.18,m/Llama-3.1-70B,h100_sxm,fp8,agg,1024,512,9,4,,1,1,99,11",
    ]
    wheel = tmp_path / "core.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(SAMPLE, "\n".join([columns, *lines]))
    rows = list(wheel_records(wheel))
    assert [(record["id"], record["kind"]) for record in rows] == [
        ("a", "tpot"), ("a", "ttft"), ("b", "tpot"), ("b", "ttft"),
    ]  # fmt: skip
    assert rows[0]["concurrency_or_batch"] == "8"
    assert rows[0]["engine_version"] == "2026-03"
    assert (rows[2]["tp"], rows[2]["ep"], rows[2]["gpu_count"]) == ("8", "8", "8")


def test_a_wheel_without_the_sample(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("readme", "")
    with pytest.raises(FileNotFoundError):
        list(wheel_records(wheel))
