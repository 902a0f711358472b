"""Precisions of an overlay in `predict`, `accuracy` and `calibrate`, as plans take them."""

import pytest
from click.testing import CliRunner
from measurement_rows import row
from run_rows import CALIBRATION, PLANNED, write_rows

import catalog
from cli import command_table
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.known_names import known_names, names_of
from recommender.accuracy.prediction import Prediction, in_unit, own_values, predict
from recommender.accuracy.scenario import Refused

OWN = """
precisions:
  - {name: int3, aliases: "our-3bit;w3a16-int4-like", weight_bits: 3.25, activation_bits: 16}
  - {name: mx6, weight_bits: 6.25, activation_bits: 8}
  - {name: int4, weight_bits: 4.5}
support:
  - {engine: vllm, architecture: Hopper, precision: mx6, mode: weight_only, compute_format: bf16}
"""
WEIGHTS = {"kind": "memory", "metric": "model_weights_per_gpu", "unit": "GB"}


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.yaml"
    path.write_text(OWN)
    return path


@pytest.fixture(scope="module")
def names(overlay):
    return names_of(catalog.load([overlay]))


def one(names, **changes):
    (answer,) = predict([row(**changes)], CALIBRATION, names)
    return answer


def scenario(names, **changes):
    (asked,) = understood([row(**changes)], names).questions
    return asked.scenario


@pytest.mark.parametrize("written", ["int3", " INT3 ", "our-3bit", "w3a16-int4-like"])
def test_own_bits_by_name_and_alias_as_they_are_written(names, written):
    """(70.55e9 * 3.25 + 2 * 128,256 * 8,192 * (16 - 3.25)) bits / 8 / 4 accelerators = 8.00 GB, as
    embedding and head stay at 16 bits; `int4` inside an alias is no int4.
    """
    found = scenario(names, precision_weights=written)
    assert found.weights.name == "int3"
    assert found.weights.bytes_per_weight == 3.25 / 8
    assert found.weights.compute == "bf16"
    weights = one(names, precision_weights=written, **WEIGHTS)
    assert weights.value == pytest.approx((70.554 * 3.25 + 2.101 * 12.75) / 8 / 4, rel=1e-3)


def test_fewer_bits_are_read_faster(names):
    """One request reads the weights: between none and all of 3.25 against 16 bits."""
    own = one(names, precision_weights="int3", concurrency_or_batch=1)
    wide = one(names, precision_weights="bf16", concurrency_or_batch=1)
    assert 3.25 / 16 < own.value / wide.value < 0.5
    said = "format int3 of the overlay: 3.25 bits, computed in bf16, kernels as those of measured"
    assert any(text.startswith(said) for text in own.assumptions)
    assert not any("overlay" in text for text in wide.assumptions)


def test_what_the_matrix_units_compute_in(names):
    """The row of support says bf16 for vLLM on Hopper; else 8 bits of activations are fp8 where
    the accelerator has it, int8 on an A100, which has no fp8, and 16 bits on a V100.
    """
    mx6 = {"precision_weights": "mx6", "gpu_count": 4, "tp": 4}
    assert scenario(names, **mx6).weights.compute == "bf16"
    assert scenario(names, **mx6, engine="SGLang").weights.compute == "fp8"
    assert scenario(names, **mx6, gpu="NVIDIA A100 80GB SXM").weights.compute == "int8"
    assert scenario(names, **mx6, gpu="NVIDIA V100 32GB").weights.compute == "fp16"


def test_an_own_format_of_the_cache(names):
    assert scenario(names, precision_kv="mx6").kv_bytes == 6.25 / 8
    assert scenario(names, precision_kv="fp8").kv_bytes == 1.0


def test_changed_bits_of_a_shipped_format_count(names):
    assert scenario(names, precision_weights="int4").weights.bytes_per_weight == 4.5 / 8
    shipped = scenario(known_names(), precision_weights="int4").weights
    assert shipped.bytes_per_weight == 4.156 / 8 and shipped.name == "int4"
    assert not known_names().own.precisions


def test_without_the_overlay_it_is_refused_and_with_it_named(names):
    unknown = one(known_names(), precision_weights="int3")
    assert isinstance(unknown, Refused) and "int3" not in unknown.reason.split("known are")[1]
    other = one(names, precision_weights="int5")
    assert isinstance(other, Refused) and other.reason.endswith("int3, mx6")


def invoke(*arguments):
    return CliRunner().invoke(command_table, [str(argument) for argument in arguments])


def test_the_commands_take_them(names, overlay, tmp_path):
    """Runs in an own format are scored and scale the constants: predicted, 1.3 times as slow."""
    rows = [
        row(precision_weights="int3", concurrency_or_batch=load, engine_version="", id="")
        for load in (1, 4, 16, 32, 64)
    ]
    asked = understood(rows, names).questions
    slower = [
        {**record, "value": str(in_unit(question, value) * 1.3)}
        for record, question, value in zip(rows, asked, own_values(asked, PLANNED), strict=True)
    ]
    runs = write_rows(tmp_path / "runs.csv", slower)
    predicted = invoke("predict", runs, "--catalog", overlay)
    assert "5 rows: 5 covered" in predicted.stderr
    calibrated = invoke("calibrate", runs, "--catalog", overlay, "-o", tmp_path / "constants")
    assert "times x 1.300" in calibrated.stdout, calibrated
    scored = invoke("accuracy", runs, "--catalog", overlay)
    assert scored.exit_code == 0 and "int3" in scored.stdout
    (answer, *_) = predict(slower, CALIBRATION, names)
    assert isinstance(answer, Prediction)
