"""A plan on own runs says so; one that own runs do not touch says that."""

import pytest
from click.testing import CliRunner

from catalog import load
from catalog.calibration_rows import OWN_RUNS
from cli import command_table
from recommender.accuracy.fit.calibrate import correct_to_runs
from recommender.accuracy.fit.run_reports import Bench
from recommender.errors import SpecError
from recommender.request.request import resolve
from recommender.request.spec_file import make_spec


@pytest.fixture
def folder(tmp_path):
    """Six equal runs of vLLM on one H100, as `vllm bench serve --append-result` keeps them."""
    run = (
        '{"model_id": "meta-llama/Llama-3.1-8B-Instruct", "max_concurrency": 8, "completed": 100,'
        ' "total_input_tokens": 102400, "total_output_tokens": 25600, "mean_ttft_ms": 95.0,'
        ' "mean_tpot_ms": 9.0}\n'
    )
    path = tmp_path / "runs.json"
    path.write_text(6 * run)
    list(correct_to_runs([path], Bench("H100", 1, 1, "bf16", "vllm"), tmp_path / "own"))
    return tmp_path / "own"


def step_times(**given):
    raw = {"model": "8b", "qps": "5", "p99": "1s", **given}
    lines = resolve(make_spec(raw), load()).assumptions
    return [line.value for line in lines if line.name == "step times"]


def test_runs_of_the_engine_are_named_with_their_factor(folder):
    (line,) = step_times(calibration=str(folder))
    assert ": vllm (dense), 6 rows, predicted times x 1." in line
    assert "longer than shipped (slower), untested with more requests in flight or more" in line
    assert f"{OWN_RUNS}: runs.json" in line


def test_an_engine_is_the_same_in_any_case(folder):
    """Its runs were said not to be one's own where it was typed as `vLLM`."""
    assert step_times(calibration=str(folder), engine="vLLM") == step_times(calibration=str(folder))


def test_runs_of_another_engine_change_nothing_and_that_is_said(folder):
    (line,) = step_times(calibration=str(folder), engine="sglang")
    assert line.endswith("not of your own runs")


def test_constants_of_another_version_are_said(folder):
    """A folder is a copy of what was shipped then: an update does not reach it."""
    table = folder / "architectures.csv"
    table.write_text(table.read_text().replace(",0.", ",0.1", 1))
    first, _ = step_times(calibration=str(folder))
    assert first.endswith("own runs are calibrated anew after an update")
    runs = folder / "runs.csv"
    runs.write_text("kind,model,gpu,metric,unit\n")
    for name in ("predict", "accuracy"):
        found = CliRunner().invoke(command_table, [name, str(runs), "--calibration", str(folder)])
        assert "rests on other constants than this version ships" in found.stderr
        found = CliRunner().invoke(command_table, [name, str(runs)])
        assert "other constants" not in found.stderr


def test_the_shipped_constants_need_no_words():
    assert step_times() == []


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(SpecError, match=r"^--calibration .* holds no calibration: .*No such file"):
        step_times(calibration=str(tmp_path / "nope"))


@pytest.mark.parametrize("table", ["deviations.csv", "errors.csv", "spread.csv"])
def test_a_folder_that_lost_a_table_is_said(folder, table):
    """Without deviations.csv predictions had been off by a quarter, without a word."""
    kept = (folder / table).read_text().splitlines()
    if table == "errors.csv":  # is needed; here one row of many is gone
        (folder / table).write_text("\n".join([*kept[:-1], ""]))
    else:
        (folder / table).unlink()
    assert "without one of their tables" in step_times(calibration=str(folder))[0]
