"""Rows and files that are not what they seem: refused with the cause, or named as an assumption."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, one, questions, row, value

from catalog.calibration import load_calibration
from recommender.accuracy.known_names import known_names
from recommender.accuracy.names import MOST_NAMES
from recommender.accuracy.predict_file import added_cells
from recommender.accuracy.row_file import open_rows
from recommender.accuracy.scenario import Refused
from recommender.accuracy.score import MOST_GROUPS, OTHERS, Tally
from recommender.accuracy.scorecard import scorecard
from recommender.accuracy.scorecard_text import scorecard_text
from recommender.accuracy.unknown_names import unknown_accelerator
from recommender.commands.calibrate_command import command as calibrate
from recommender.errors import SpecError

CALIBRATION = load_calibration()
RATE = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit": "GiB"}, "unit 'GiB' is none of tpot_mean; known are ms, s, us"),
        ({**RATE, "unit": "ms"}, "unit 'ms' is none of output_throughput; known are tok/s"),
        ({**RATE, "unit": "req/s"}, "unit 'req/s' is none of output_throughput"),
        ({**RATE, "metric": "request_throughput"}, "unit 'tok/s' is none of request_throughput"),
        ({"kind": "memory", "metric": "kv_cache_tokens", "unit": "GiB"}, "known are tokens"),
        ({"kind": "power", "metric": "gpu_power_avg", "unit": "tok/s"}, "known are w, mW, kw"),
        ({**RATE, "metric": "ttft_mean", "unit": "ms"}, "'ttft_mean' is not of kind throughput"),
        ({"metric": "tpot"}, "'tpot' is not known; of tpot are tpot_mean"),
        ({"kind": "power", "metric": "gpu_power_avg", "unit": "MW"}, "unit 'MW' is none of"),
        ({**RATE, "metric": "output_throughput_per_user"}, "the inverse is a time per token"),
        ({**RATE, "metric": "decode_tok_per_s_per_chip"}, "known shares of a rate are _per_gpu"),
        ({**RATE, "metric": "output_throughput_max"}, "no extremes and no spread"),
        ({**RATE, "metric": "output_throughput_per_gpu", "unit": "tok/s/node"}, "shares of differ"),
        ({**RATE, "metric": "output_throughput_per_node", "unit": "tok/s/gpu"}, "shares of differ"),
        ({"kind": "e2e", "metric": "e2e_std"}, "e2e_std: means and medians are predicted"),
        ({"kind": "e2e", "metric": "e2e_p75"}, "e2e_p75: means and medians are predicted"),
        ({"kind": "e2e", "metric": "latency_per_token"}, "is not of whole answers; of e2e is e2e_"),
    ],
)
def test_units_and_kinds_belong_to_their_metric(changes, reason):
    """A time in GiB had been divided by 2^30, a time called throughput fitted as a rate, the rate
    of one user compared with that of all, and a standard deviation with a mean.
    """
    answer = one(**changes)
    assert isinstance(answer, Refused)
    assert reason in answer.reason


def test_a_rate_per_accelerator_may_say_so_in_its_unit():
    """The unit alone had been read as the rate of all four."""
    assert value(**RATE) == pytest.approx(4 * value(**{**RATE, "unit": "tok/s/GPU"}))
    stated_twice = {**RATE, "metric": "output_throughput_per_gpu", "unit": "tok/s/GPU"}
    assert value(**stated_twice) == value(**{**RATE, "unit": "tok/s/GPU"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gpu_count": 4, "tp": 8}, "tp 8 x pp 1 does not divide the 4 accelerators"),
        ({"gpu_count": 12, "tp": 8}, "tp 8 x pp 1 does not divide the 12 accelerators"),
        ({"gpu_count": 8, "tp": 4, "pp": 4}, "tp 4 x pp 4 does not divide the 8"),
        ({"gpu_count": 8, "dp": 4}, "tp 4 x pp 1 x dp 4 is not the 8 accelerators"),
        ({"precision_weights": "W4A8"}, "precision_weights 'W4A8' is not known; known are fp32"),
        ({"precision_kv": "turbo"}, "precision_kv 'turbo' is not known"),
        ({"gpu": "NVIDIA H1000"}, "'NVIDIA H1000' is not in the catalogue; did you mean H100"),
        ({"model": "Lama-3.1-70B", "params_total_b": ""}, "did you mean Meta-Llama-3.1-70B"),
        ({"model": "Llama-3", "params_total_b": ""}, "'Llama-3' may be several of the catalogue"),
    ],
)
def test_contradictions_and_unknown_names_are_refused(changes, reason):
    answer = one(**changes)
    assert isinstance(answer, Refused)
    assert reason in answer.reason


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("RTX4090", "; did you mean RTX 4090?"),
        ("h-100", "; did you mean H100 NVL 94GB or H100 80GB PCIe or H100 80GB SXM5?"),
        ("H 100", "; did you mean H100 NVL 94GB"),
        ("8xH100", "'8xH100' counts 8, which is not what gpu_count says"),
        ("v5e", "; did you mean TPU v5e?"),
    ],
)
def test_accelerators_that_are_written_otherwise_are_found(name, hint):
    """`RTX4090` was asked whether it meant T4000, and `v5e` whether it meant v5e."""
    assert hint in unknown_accelerator(name, known_names().accelerators)


def test_copies_of_a_dense_model_count_where_accelerators_are_not_stated():
    """Two copies of tp 4 had been one; first tokens of a loop know the requests of all copies."""
    copies = {**RATE, "dp": 2, "concurrency_or_batch": 32}
    assert value(**copies, gpu_count="") == value(**copies, gpu_count=8)
    assert value(**copies, gpu_count="") == pytest.approx(2 * value(**RATE), rel=0.02)


def test_a_tp_that_follows_from_copies_is_as_good_as_reported():
    """8 accelerators in 2 copies are tp 4; of an unknown number of them nothing follows."""
    (stated,) = questions({"tp": "", "dp": 2, "gpu_count": 8})
    assert (stated.scenario.tp, stated.scenario.layout_reported) == (4, True)
    (unstated,) = questions({"tp": "", "dp": 2, "gpu_count": ""})
    assert not unstated.scenario.layout_reported
    (alone,) = questions({"tp": "", "gpu_count": 8})
    assert not alone.scenario.layout_reported


def test_formats_that_name_the_default():
    assert one(precision_kv="auto") == one(precision_kv="")
    answers = [one(precision_weights=name) for name in ("half", "float16", "amp_bf16", "bf16")]
    assert len(set(answers)) == 1


@pytest.mark.parametrize("name", ["Llama-3", "Llama", "gpt", "l", "Qwen"])
def test_a_name_that_many_models_begin_with_is_none(name):
    """`Llama-3` had been read as llama-30b, `gpt` as GPT-J."""
    assert known_names().model(name, None) is None


def test_a_beginning_of_one_name_is_that_model_and_said():
    answer = one(model="Llama-3.1-405", params_total_b="", gpu="H200")
    assert answer.assumptions == ("model 'Llama-3.1-405' read as meta-llama/Meta-Llama-3.1-405B",)
    stated = known_names().model("Llama-3.1", 70.6)
    assert stated is not None and not stated.guessed
    assert stated.model.layers == 80
    assert known_names().model("Llama-3.1", 33.0).guessed


def test_an_unknown_engine_is_the_mean_of_all_and_said():
    """It had been taken for PyTorch without a word."""
    answer = one(engine="vLM")
    assert "engine 'vLM' unknown: as the mean of all; did you mean vLLM?" in answer.assumptions
    assert answer.basis == "transferred"
    assert one(engine="").value == answer.value


def test_calibrate_refuses_an_engine_that_is_none(tmp_path):
    report = tmp_path / "run.json"
    report.write_text("{}")
    arguments = [str(report), "-o", str(tmp_path / "own"), "--accelerator", "H100"]
    found = CliRunner().invoke(calibrate, [*arguments, "--engine", "vlm"])
    assert found.exit_code == 2
    assert "--engine 'vlm' is not known; did you mean vLLM?" in " ".join(found.output.split())


@pytest.mark.parametrize(
    "notes",
    [
        "TPOT <= 1..2 ms", "TTFT <= 1e999 ms", "TPOT <= 0.0 s", "GPU reports 1.2.3 GiB",
        "GPU 0 GiB", "max_model_len 99999999999999999999", "gpu_memory_utilization=0.01",
        "mtp speculative 99999999999999999999999 tokens", "99999999999999999999 requests",
    ],
)  # fmt: skip
@pytest.mark.parametrize("metric", ["output_tokens_per_s_server", "kv_cache_memory_per_gpu"])
def test_notes_that_look_like_numbers(notes, metric):
    """`1..2` had ended the whole command."""
    memory = {"kind": "memory", "metric": metric, "unit": "GiB"}
    answer = one(**(memory if "kv" in metric else {**RATE, "metric": metric}), notes=notes)
    assert isinstance(answer, Refused) or 0 < answer.low <= answer.value <= answer.high < 1e300


def test_an_endless_name_does_not_fill_the_output():
    cells = added_cells(Refused("H" * 1_000_000))
    assert len(cells["refused"]) < 700


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "(" * 100_000}, {"model": "x" + "-it" * 100_000}, {"gpu": "(x1 " * 100_000},
        {"engine_version": "9" * 5000 + ".1"}, {"kind": "k" * 1_000_000}, {"notes": "GPU " * 9000},
    ],
)  # fmt: skip
def test_an_endless_text_is_refused_before_anything_is_looked_for_in_it(changes):
    """The first two had taken minutes a row, and the version had ended the whole command."""
    (name,) = changes
    answer = one(**changes)
    assert isinstance(answer, Refused)
    assert answer.reason.startswith(f"{name} is longer than ")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": ""}, "model is blank"),
        ({"gpu": " "}, "gpu is blank"),
        ({"metric": "", "unit": ""}, "metric and unit are blank"),
        ({"nodes": "two"}, "nodes 'two' is not a number"),
        ({"nodes": 0}, "nodes 0 is not a positive, finite number"),
        ({"qps": "nan"}, "qps nan is not a positive, finite number"),
        ({"params_active_b": -1}, "params_active_b -1 is not a positive"),
        ({"params_total_b": 1e-300}, "is not between 0.0001 and 1,000,000"),
    ],
)
def test_cells_that_are_none(changes, reason):
    """A blank model of a stated size had been a stand-in; numbers nobody needs had been skipped."""
    answer = one(**changes)
    assert isinstance(answer, Refused)
    assert reason in answer.reason


@pytest.mark.parametrize("version", ["2099-99", "2031-01", "v0.99", "0.8.3.dev20991231"])
def test_a_version_of_the_future_is_like_the_newest_that_was_fitted(version):
    """The year 2099 had made an engine five hundred times slower."""
    assert value(engine_version=version) == pytest.approx(value(engine_version="0.19"), rel=0.25)


@pytest.mark.parametrize("version", ["9" * 200 + ".1", "1.", ".", "nightly", "2001-01", "99999.0"])
def test_a_version_that_says_nothing_is_none(version):
    assert value(engine_version=version) == value(engine_version="")


def write(path, header, *lines, encoding="utf-8"):
    path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return path


HEADER = ",".join(GOOD)
LINE = ",".join(GOOD.values())


@pytest.mark.parametrize(
    ("header", "encoding", "cause"),
    [
        (HEADER, "utf-16", "it is UTF-16, not UTF-8; expected id,source"),
        ('{"model_id": "x"}', "utf-8", "it is JSON; reports of `vllm bench serve`"),
        (HEADER.replace(",", ";"), "utf-8", "cells are separated by ';', not by commas"),
        (HEADER.replace(",", "\t"), "utf-8", r"cells are separated by '\\t', not by commas"),
        (HEADER.upper(), "utf-8", "columns are spelled in small letters"),
        (f"{HEADER},value", "utf-8", "column value is there twice"),
    ],
)
def test_a_header_that_is_none_says_why(tmp_path, header, encoding, cause):
    path = write(tmp_path / "rows.csv", header, LINE, encoding=encoding)
    with pytest.raises(SpecError, match=cause), open_rows(path):
        pass


def test_blank_lines_before_the_header_are_none_and_broken_lines_are_named(tmp_path):
    path = write(tmp_path / "rows.csv", f"\n\n{HEADER}", LINE, "x" * (1 << 20) + "x", LINE)
    with open_rows(path) as (header, rows):
        problems = [problem for _, problem in rows]
    assert header == list(GOOD)
    assert problems == ["", "line 5: field larger than field limit (1048576)", ""]


def test_spaces_after_commas_of_the_header_are_no_part_of_names(tmp_path):
    path = write(tmp_path / "rows.csv", HEADER.replace(",", ", "), LINE)
    assert scorecard(path, CALIBRATION).refused.total() == 0


def test_a_dash_names_the_file_that_is_meant():
    with pytest.raises(SpecError, match="standard input is /dev/stdin"), open_rows(Path("-")):
        pass


def test_reasons_are_counted_together_and_keep_their_sense(tmp_path):
    rows = [row(isl=-n) for n in range(1, 4)] + [row(gpu=f"Imaginary X{n}") for n in range(3)]
    rows += [row(kind="ttft", metric="ttft_p99"), row(unit="it's")]
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(rows)
    assert scorecard(path, CALIBRATION).refused == {
        ("tpot", "isl N is not a positive, finite number"): 3,
        ("tpot", "accelerator is not in the catalogue"): 3,
        ("ttft", "ttft_p99: the arrivals behind a tail percentile are not reported"): 1,
        ("tpot", "unit is none of tpot_mean"): 1,
    }


def test_names_without_end_do_not_fill_the_memory():
    names = known_names()
    for index in range(2 * MOST_NAMES):
        names.model(f"Nothing {index}", None)
    assert len(names.found_models) <= MOST_NAMES
    tally = Tally()
    for index in range(MOST_GROUPS + 10):
        tally.add(measured=1, predicted=1, low=1, high=1, keys=[("model", str(index))])
    assert len(tally.sums) == MOST_GROUPS + 1
    assert tally.scores()["model", OTHERS].rows == 10


def test_a_scorecard_of_no_row_is_short(tmp_path):
    card = scorecard(write(tmp_path / "rows.csv", HEADER), CALIBRATION)
    assert scorecard_text(card) == "0 rows: 0 scored, 0 refused"
