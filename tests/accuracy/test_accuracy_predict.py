"""Predictions of measurement rows: honest inputs, refusals, units, bad files."""

import csv
import io

import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, one, row, value

from catalog.calibration import load_calibration
from recommender.accuracy.prediction import Prediction, predict
from recommender.accuracy.scenario import Refused
from recommender.commands.predict_command import command
from recommender.errors import SpecError

CALIBRATION = load_calibration()


def write(path, rows, header=None):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=header or list(GOOD))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_value_is_never_read():
    """Scrambling or blanking the value and the publisher changes nothing."""
    rows = [row(kind="throughput", metric="output_throughput", unit="tok/s"), row()]
    scrambled = [{**record, "value": "1e9", "source": "another"} for record in rows]
    blank = [{**record, "value": "", "source": ""} for record in rows]
    assert predict(rows, CALIBRATION) == predict(scrambled, CALIBRATION)
    assert predict(rows, CALIBRATION) == predict(blank, CALIBRATION)


def test_a_row_is_predicted_alike_alone_and_among_others():
    rows = [row(), row(model="DeepSeek-V3", tp=8, gpu_count=8), row(gpu="A100", engine="SGLang")]
    assert predict(rows, CALIBRATION) == [predict([record], CALIBRATION)[0] for record in rows]


def test_units_and_scopes():
    seconds, milliseconds = value(unit="s"), value()
    assert milliseconds == pytest.approx(1000 * seconds)
    common = {"kind": "throughput", "unit": "tok/s"}
    system = value(**common, metric="output_throughput")
    accelerator = value(**common, metric="output_tokens_per_s_per_gpu")
    assert system == pytest.approx(4 * accelerator)
    both = value(**common, metric="total_tokens_per_s_in_plus_out")
    assert both == pytest.approx(system * (1024 + 256) / 256)


def test_closed_loop_rate_and_latencies_agree():
    """16 requests in flight: rate = 16*256 / (TTFT + 255*TPOT)."""
    rate = value(kind="throughput", unit="tok/s", metric="output_throughput")
    ttft = value(kind="ttft", metric="ttft_mean", unit="s")
    assert rate == pytest.approx(16 * 256 / (ttft + 255 * value(unit="s")))


def test_replicas_share_the_load():
    """Two copies of tp 4 with 32 requests serve as one with 16."""
    assert value(gpu_count=8, concurrency_or_batch=32) == pytest.approx(value())


def test_directions():
    assert value(concurrency_or_batch=64) > value()
    assert value(isl=8192) > value()
    assert value(gpu="NVIDIA H200") < value()
    assert value(kind="ttft", metric="ttft_mean", isl=8192) > value(kind="ttft", metric="ttft_mean")
    assert value(precision_weights="bf16", concurrency_or_batch=1) > value(concurrency_or_batch=1)


def test_intervals_hold_the_value_and_widen_with_the_basis():
    known = one(model="Qwen3-32B")
    stranger = one(model="NoSuchModel")
    assert known.low < known.value < known.high
    assert stranger.basis == "roofline"
    assert stranger.high / stranger.low >= known.high / known.low
    assert any("architecture" in text for text in stranger.assumptions)


def test_assumptions_are_listed():
    answer = one(tp="", isl="", notes="task gpqa; steady-state", precision_weights="")
    assert isinstance(answer, Prediction)
    text = "; ".join(answer.assumptions)
    assert "tp " in text
    assert "250 tokens" in text
    assert "not reported" in text


def test_a_rate_without_a_load_says_that_all_are_taken_that_fit():
    """One vendor's figure was of a single request: a 72nd of what was predicted for a full one."""
    rate = {"kind": "throughput", "unit": "tok/s", "metric": "output_throughput"}
    open_ended = "requests in flight not reported: as many as fit"
    assert open_ended in one(**rate, concurrency_or_batch="").assumptions
    assert open_ended not in one(**rate).assumptions
    offline = {**rate, "metric": "output_tokens_per_s_offline", "concurrency_or_batch": ""}
    assert open_ended not in one(**offline).assumptions


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "training"}, "training"),
        ({"kind": "nonsense"}, "kind 'nonsense'"),
        ({"isl": "nan"}, "isl nan"),
        ({"isl": "-3"}, "isl -3"),
        ({"tp": "many"}, "tp 'many' is not a number"),
        ({"unit": "furlongs"}, "unit 'furlongs' is none of tpot_mean; known are ms, s"),
        ({"metric": "tpot_p99"}, "tail percentile"),
        ({"metric": "vibes"}, "'vibes' is not known"),
        ({"gpu": "Imaginary X1"}, "Imaginary X1"),
        ({"model": "NoSuchModel", "params_total_b": ""}, "NoSuchModel"),
        (
            {"metric": "tpot_mean", "concurrency_or_batch": ""},
            "requests in flight (concurrency_or_batch)",
        ),
        ({"metric": ""}, "blank"),
        ({"kind": "e2e", "metric": "e2e_mean", "concurrency_or_batch": ""}, "requests in flight"),
    ],
)
def test_refusals_name_their_reason(changes, reason):
    answer = one(**changes)
    assert isinstance(answer, Refused)
    assert reason in answer.reason


def test_attention_ranks_inside_tp():
    """SGLang's --tp 8 --dp 8 on 8 accelerators: every rank holds all of attention."""
    common = {
        "kind": "memory", "model": "DeepSeek-V3", "precision_weights": "fp8", "gpu_count": 8,
        "tp": 8, "metric": "model_weights_per_gpu", "unit": "GiB", "engine": "SGLang",
    }  # fmt: skip
    assert value(**common, dp=8) > 1.1 * value(**common)
    assert value(**common, dp=8) < 1.3 * value(**common)


@pytest.mark.parametrize(("name", "bits"), [("IQ2_XS", 2.31), ("Q4_K_S", 4.58), ("IQ4_XS", 4.25)])
def test_gguf_files(name, bits):
    size = value(
        kind="memory", model="Llama-3-70B", precision_weights=name, gpu="any", gpu_count="",
        tp="", engine="llama.cpp", metric="weights_file_size", unit="GB",
    )  # fmt: skip
    assert size == pytest.approx(70.55 * bits / 8, rel=0.01)


def test_energy_is_power_over_rate():
    power = value(kind="power", metric="gpu_power_avg_all_gpus", unit="W")
    energy = value(kind="power", metric="energy_per_output_token", unit="J/tok")
    rate = value(kind="throughput", metric="output_throughput", unit="tok/s")
    assert energy == pytest.approx(power / rate)
    assert 4 * 0.17 * 700 <= power <= 4 * 0.95 * 700


def test_a_node_draws_its_accelerators_its_host_and_its_fans():
    chips = value(kind="power", metric="gpu_power_avg_all_gpus", unit="W")
    node = value(kind="power", metric="system_wall_power_avg", unit="W")
    assert node == pytest.approx((chips + 2200 * 4 / 8) * 1.08)  # half a chassis of eight
    for metric, notes, reason in (
        ("system_wall_power_avg", "MaxQ (power-capped) system", "cap"),
        ("system_wall_power_peak", "", "host"),
    ):
        answer = one(kind="power", metric=metric, unit="W", notes=notes)
        assert isinstance(answer, Refused)
        assert reason in answer.reason


def test_command_writes_all_rows(tmp_path):
    source = write(tmp_path / "rows.csv", [row(), row(gpu="Imaginary X1"), row(isl="nan")])
    target = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(source), "-o", str(target)], catch_exceptions=False)
    assert result.exit_code == 0
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [bool(record["refused"]) for record in rows] == [False, True, True]
    assert float(rows[0]["predicted_low"]) < float(rows[0]["predicted"])
    assert rows[0]["value"] == "14"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_broken_rows_do_not_stop_the_others(tmp_path):
    source = write(tmp_path / "rows.csv", [row()])
    with source.open("ab") as file:
        file.write(b"too,few\n" + b"\xff\xfe,".join([b"x"] * len(GOOD)) + b"\n")
    text = source.read_bytes().decode("utf-8", "replace").splitlines()[1]
    with source.open("ab") as file:
        file.write(text.encode() + b"\n")
    result = CliRunner().invoke(command, [str(source)], catch_exceptions=False)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [bool(record["refused"]) for record in rows] == [False, True, True, False]


def test_an_accelerator_of_unknown_peaks_does_not_stop_the_others():
    """Of Ascend 950PR only peaks of 8 and 4 bits are known: its row is refused, the other not."""
    alone = one()
    known, unknown = predict([row(), row(gpu="Ascend 950PR")], load_calibration())
    assert isinstance(unknown, Refused) and "no 16-bit or 32-bit peak" in unknown.reason
    assert isinstance(known, Prediction) and known.value == alone.value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b,c\n1,2,3\n", "not in the measurement format"),
        (b"\x00\x00\x00", "not in the measurement format"),
    ],
)
def test_files_that_are_none(tmp_path, content, message):
    source = tmp_path / "rows.csv"
    source.write_bytes(content)
    with pytest.raises(SpecError, match=message):
        CliRunner().invoke(command, [str(source)], catch_exceptions=False)


def test_missing_file_and_overwriting_the_source(tmp_path):
    with pytest.raises(SpecError, match="No such file"):
        CliRunner().invoke(command, [str(tmp_path / "none.csv")], catch_exceptions=False)
    source = write(tmp_path / "rows.csv", [row()])
    before = source.read_bytes()
    with pytest.raises(SpecError, match="is the file that is read"):
        CliRunner().invoke(command, [str(source), "-o", str(source)], catch_exceptions=False)
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    ("metric", "unit", "times"),
    [
        ("output_throughput", "tokens/s", 256.0),
        ("request_throughput", "requests/s", 1.0),
        ("total_token_throughput", "tok/s", 1280.0),
    ],
)
def test_rates_by_the_names_of_load_generators(metric, unit, times):
    """1,024 tokens in and 256 out: of each request 256 are output tokens, 1,280 all."""
    rows = [row(kind="throughput", metric=m, unit=u) for m, u in
            ((metric, unit), ("request_throughput", "req/s"))]  # fmt: skip
    asked, requests = (answer.value for answer in predict(rows, load_calibration()))
    assert asked == pytest.approx(times * requests)
