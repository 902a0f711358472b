"""Own runs that are broken, absurd or too few: one sentence, and no folder left behind."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, row
from run_rows import records, write_rows

from recommender.accuracy.fit import calibration_writer, report_documents
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.accuracy.measurement import Malformed, parse_measurement
from recommender.commands.calibrate_command import command
from recommender.errors import SpecError

H100 = Bench("H100", 8, 8, "bf16", "vllm")
RESULT = {
    "model_id": "meta-llama/Llama-3.1-8B-Instruct", "max_concurrency": 8, "completed": 100,
    "total_input_tokens": 102_400, "total_output_tokens": 25_600,
    "mean_ttft_ms": 95.0, "mean_tpot_ms": 9.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("isl", "1e308", "isl 1e308 is not between 1 and 100,000,000"),
        ("isl", "1e-308", "isl 1e-308 is not between 1 and 100,000,000"),
        ("osl", "1e15", "osl 1e15 is not between"),
        ("concurrency_or_batch", "1e18", "is not between 1e-06 and 10,000,000"),
        ("tp", "2.5", "tp 2.5 is not a whole number"),
        ("gpu_count", "1e300", "gpu_count 1e300 is not between 1 and 1,000,000"),
    ],
)
def test_numbers_beyond_any_run(name, value, reason):
    with pytest.raises(Malformed, match=reason):
        parse_measurement({**GOOD, name: value})


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000, "1" * 5000, '{"benchmarks": 3}', '{"benchmarks": null}',
        '{"benchmarks": [3, null, {"metrics": 3}]}',
        json.dumps({**RESULT, "total_input_tokens": 10**400}),
        json.dumps({**RESULT, "completed": 0, "num_prompts": 100}),
        json.dumps({**RESULT, "model_id": ["x"]}),
        json.dumps({**RESULT, "model_id": None}),
    ],
    ids=[
        "deep", "digits", "number", "null", "runs", "huge", "none completed", "list", "no model",
    ],
)  # fmt: skip
def test_reports_that_are_none(tmp_path, text):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(SpecError, match=r"report\.json") as caught:
        report_records(path, H100)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_and_blank_lines_are_no_content(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("\ufeff\n" + "\n\n".join([json.dumps(RESULT)] * 2) + "\n\n", encoding="utf-8")
    assert len(report_records(path, H100)[0]) == 4


def test_guidellm_before_0_4_names_the_model_in_its_worker(tmp_path):
    names = (
        "request_concurrency", "prompt_token_count", "output_token_count",
        "inter_token_latency_ms", "time_to_first_token_ms",
    )  # fmt: skip
    metrics = {name: {"successful": {"mean": 9.0}} for name in names}
    run = {"args": {"profile": {}}, "worker": {"backend_model": "Qwen3-32B"}, "metrics": metrics}
    path = tmp_path / "benchmarks.json"
    path.write_text(json.dumps({"benchmarks": [run]}))
    assert {row["model"] for row in report_records(path, H100)[0]} == {"Qwen3-32B"}


def calibrate(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_wrong_unit_is_not_a_slow_engine(tmp_path):
    """Seconds under milliseconds: times are 1/1000 of the predicted ones."""
    runs = write_rows(tmp_path / "runs.csv", records(factor=8.0))
    result = calibrate(runs, "-o", tmp_path / "own")
    assert "measured times are 8 times the predicted ones; check units" in str(result.exception)
    assert not (tmp_path / "own").exists()


def test_tensor_parallelism_divides_the_accelerators(tmp_path):
    report = tmp_path / "run.json"
    report.write_text(json.dumps(RESULT))
    result = calibrate(report, "-o", tmp_path / "own", "--accelerator", "H100", "--tp", "8")
    assert "--tp 8 does not divide --accelerators 1" in result.output


def test_a_refit_of_few_rows_says_what_it_needs(tmp_path):
    """Also where rows are broken: they are left out, as `predict` refuses them."""
    runs = write_rows(tmp_path / "runs.csv", [row(), row(isl="1e300")])
    with runs.open("ab") as file:
        file.write(b"\xe9,1,2\n")
    result = calibrate(runs, "--refit", "-o", tmp_path / "own")
    assert "1 usable rows of dense models: a refit needs 15" in str(result.exception)
    assert not (tmp_path / "own").exists()


def test_a_wheel_that_is_none(tmp_path):
    runs = write_rows(tmp_path / "runs.csv", [row()])
    result = calibrate(runs, "--refit", "--wheel", runs, "-o", tmp_path / "own")
    assert "is not a wheel" in str(result.exception)


def test_a_calibration_that_fails_half_way_leaves_no_folder(tmp_path):
    with pytest.raises(KeyboardInterrupt), calibration_writer.new_folder(tmp_path / "own") as made:
        assert (made / "step_constants.csv").exists()
        assert not (tmp_path / "own").exists()  # nor is it there after a kill
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_filled_and_stays_what_it_is(tmp_path):
    """It had been removed where the calibration failed; a link to it stays a link."""
    (tmp_path / "own").mkdir()
    (tmp_path / "link").symlink_to("own")
    inode = (tmp_path / "own").stat().st_ino
    with pytest.raises(KeyboardInterrupt), calibration_writer.new_folder(tmp_path / "own"):
        raise KeyboardInterrupt
    assert not list((tmp_path / "own").iterdir())
    with calibration_writer.new_folder(tmp_path / "link"):
        pass
    names = {path.name for path in (tmp_path / "own").iterdir()}
    assert names == {path.name for path in calibration_writer.FOLDER.iterdir()}
    assert (tmp_path / "own").stat().st_ino == inode and (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("there", [False, True])
def test_of_two_calibrations_into_one_folder_the_second_is_refused(tmp_path, there):
    """Their tables had been mixed."""
    if there:
        (tmp_path / "own").mkdir()
    words = "nothing is overwritten" if there else "cannot write .*own: Directory not empty"
    with (
        pytest.raises(SpecError, match=words),
        calibration_writer.new_folder(tmp_path / "own"),
    ):
        (tmp_path / "own").mkdir(exist_ok=True)
        (tmp_path / "own" / "theirs.csv").write_text("x")
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["theirs.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_full_disk_is_said_plainly(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(calibration_writer.shutil, "copyfile", full)
    message = r"^cannot write .*own: No space left on device$"
    with pytest.raises(SpecError, match=message), calibration_writer.new_folder(tmp_path / "own"):
        pass
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("flag", ["--accelerator", "--engine", "--model", "--precision"])
def test_flags_of_reports_are_refused_where_rows_say_it_themselves(flag, tmp_path):
    """A measurement file names its accelerator row by row: the flag would change nothing."""
    runs = write_rows(tmp_path / "runs.csv", [row()])
    found = CliRunner().invoke(command, [str(runs), flag, "H999", "-o", str(tmp_path / "out")])
    assert found.exit_code == 2 and f"{flag} is for JSON reports" in found.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"num_prompts": 100, "completed": 0, "mean_tpot_ms": 0.0, "mean_ttft_ms": 0.0},
            "of 100 requests none was completed, so nothing was measured; see the log of its"
            " server",
        ),
        ({"num_prompts": 100, "completed": 60}, "only 60 of 100 requests were completed"),
        ({"mean_ttft_ms": "soon"}, "its figures are no numbers"),
        ({"request_rate": 2.0}, "it lacks duration"),
        ({"ramp_up_strategy": "linear"}, "its rate rises over the run"),
    ],
)
def test_a_run_that_cannot_be_used_is_named_and_the_others_are_read(tmp_path, changes, reason):
    """It had been dropped in silence, and one with failures had been read."""
    path = tmp_path / "report.json"
    path.write_text("\n".join(json.dumps(one) for one in (RESULT, RESULT | changes)))
    rows, left_out = report_records(path, H100)
    assert len(rows) == 2
    assert left_out == [f"a run of report.json: {reason}"]
    path.write_text(json.dumps(RESULT | changes))
    with pytest.raises(SpecError, match=reason):
        report_records(path, H100)


def test_a_run_of_guidellm_without_an_answer_says_so(tmp_path):
    """Its means are null, which were no numbers."""
    means = {"prompt_token_count": {"successful": {"mean": None}}}
    metrics = {**means, "request_totals": {"successful": 0, "errored": 30}}
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"benchmarks": [{"metrics": metrics}]}))
    reason = "holds no run to calibrate to: of 30 requests none was completed"
    with pytest.raises(SpecError, match=reason):
        report_records(path, H100)


def test_a_report_of_another_engine_is_not_taken_for_the_default(tmp_path):
    """SGLang's own generator writes the same figures: --engine is vllm unless it is given."""
    path = tmp_path / "report.jsonl"
    path.write_text(json.dumps(RESULT | {"backend": "sglang"}))
    with pytest.raises(SpecError, match="is of backend 'sglang', not of --engine vllm"):
        report_records(path, H100)
    assert len(report_records(path, replace(H100, engine="sglang"))[0]) == 2
    path.write_text(json.dumps(RESULT | {"backend": "openai-chat"}))
    assert len(report_records(path, H100)[0]) == 2


def test_a_report_of_single_requests_without_end(tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(RESULT) + " " * (1 << 20))
    monkeypatch.setattr(report_documents, "LARGEST_BYTES", 1 << 20)
    with pytest.raises(SpecError, match="larger than 1 MiB; save it without the lists"):
        report_records(path, H100)


def test_what_is_left_out_of_reports_is_printed(tmp_path):
    path = tmp_path / "report.json"
    runs = [RESULT | {"max_concurrency": 2**n} for n in range(6)] + [
        RESULT | {"mean_ttft_ms": None}
    ]
    path.write_text("\n".join(map(json.dumps, runs)))
    arguments = (path, "-o", tmp_path / "own", "--accelerator", "H100")
    result = calibrate(*arguments)
    assert "left out: a run of report.json: " in result.stdout, result
