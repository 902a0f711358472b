"""Accelerators, models and engines of an overlay in `predict`, `accuracy` and `calibrate`."""

import csv
import json
import math
from dataclasses import replace
from statistics import median

import pytest
from click.testing import CliRunner
from measurement_rows import row
from run_rows import CALIBRATION, PLANNED, write_rows

import catalog
from catalog.calibration import load_calibration
from cli import command_table
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.own_runs import MOST_LEFT
from recommender.accuracy.known_names import known_names, names_of
from recommender.accuracy.prediction import in_unit, own_values, predict

OWN = """
accelerators:
  - {name: H100 96GB custom, aliases: our-h100, vendor: NVIDIA, architecture: Hopper, form: SXM,
     memory_gb: 96, memory_type: HBM3, memory_bandwidth_gb_per_s: 3900, bf16_tflops: 989.4,
     fp8_tflops: 1978.9, tdp_w: 700, link_type: NVLink4+NVSwitch, link_gb_per_s: 450,
     scale_up_domain: 8, accelerators_per_node: 8}
  - {name: SXM custom, vendor: Acme, architecture: Acme One, form: SXM, memory_gb: 128,
     memory_type: HBM3, memory_bandwidth_gb_per_s: 4000, bf16_tflops: 800, tdp_w: 600,
     link_type: ring, link_gb_per_s: 300, scale_up_domain: 8, accelerators_per_node: 8}
  - {name: Acme Dual, aliases: H100, vendor: Acme, architecture: Acme One, form: SXM,
     memory_gb: 128, memory_bandwidth_gb_per_s: 4000, bf16_tflops: 800}
engines:
  - {name: Acme-Serve, version: "1", scheduler: chunked, memory_utilisation: 0.8,
     non_torch_gib: 0.7, frontend_s: 0.03}
models:
  - {id: me/Our-8B, aliases: llama-3.1-8b, family: ours, architecture: OursForCausalLM,
     attention: GQA, layers: 40, hidden: 4096, heads: 32, kv_heads: 8, head_dim: 128,
     intermediate: 12000, vocab: 64000, native_dtype: bfloat16, native_precision: bf16,
     total_params_b: 8.1, active_params_b: 7.84, max_context: 32768}
offers:
  - {provider: us, instance_type: hgx-custom, accelerator: H100 96GB custom, node_accelerators: 8,
     price_per_h: 11, terms: owned, stock: 4}
"""
LLAMA = {"model": "Llama-3.3-70B", "precision_weights": "bf16", "engine_version": "", "id": ""}


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.yaml"
    path.write_text(OWN)
    return path


@pytest.fixture(scope="module")
def names(overlay):
    return names_of(catalog.load([overlay]))


def one(names, calibration=CALIBRATION, **changes):
    (answer,) = predict([row(**changes)], calibration, names)
    return answer


def invoke(*arguments):
    return CliRunner().invoke(command_table, [str(argument) for argument in arguments])


def runs(names, *, slower=1.3, lengths=((1024, 256),), loads=(1, 4, 16, 48, 96), **changes):
    """TPOT rows on the own accelerator, `slower` times what plans predict."""
    cells = {"gpu": "H100 96GB custom", **LLAMA, **changes}
    rows = [
        row(isl=i, osl=o, concurrency_or_batch=load, **cells) for i, o in lengths for load in loads
    ]
    asked = understood(rows, names).questions
    predicted = own_values(asked, PLANNED)
    return [
        {**record, "value": str(in_unit(question, value) * slower)}
        for record, question, value in zip(rows, asked, predicted, strict=True)
    ]


def test_an_own_accelerator_is_as_fast_as_its_datasheet(names):
    """One request reads the weights: 3350 GB/s of an H100 SXM against 3900, and overheads."""
    asked = {**LLAMA, "concurrency_or_batch": 1}
    own = one(names, gpu="H100 96GB custom", **asked)
    shipped = one(names, gpu="NVIDIA H100 80GB", **asked)
    assert 3350 / 3900 < own.value / shipped.value < 0.95
    assert (own.basis, shipped.basis) == ("transferred", "calibrated")
    assert math.log(own.high / own.low) > math.log(shipped.high / shipped.low)


def test_silicon_of_nobody_is_a_roofline(names):
    assert one(names, gpu="SXM custom", precision_weights="bf16").basis == "roofline"


@pytest.mark.parametrize("spelled", ["our-h100", " OUR-H100 ", "h100 96gb custom"])
def test_own_names_are_found_as_plans_find_them(names, spelled):
    assert one(names, gpu=spelled) == one(names, gpu="H100 96GB custom")
    assert not any("read as" in text for text in one(names, gpu=spelled).assumptions)


def test_own_names_follow_no_rule_of_published_ones(names):
    """`Dual` is no board of two; a name without a chip is not every chip."""
    assert one(names, gpu="Acme Dual", gpu_count=4, precision_weights="bf16").basis == "roofline"
    (asked,) = understood([row(gpu="Acme Dual")], names).questions
    assert asked.scenario.accelerators == 4
    assert names.accelerator("B300X custom SXM") is None
    assert names.accelerator("SXM custom").architecture == "Acme One"


def test_names_of_the_catalogue_mean_what_they_meant(names):
    """Aliases that an overlay takes again are those of the rows before it, as in plans."""
    shipped = known_names()
    spelled = [name for own in shipped.accelerators.values() for name in (own.name, *own.aliases)]
    for name in ("H100", "NVIDIA A100", "MI300X", "nothing", *filter(None, spelled)):
        assert names.accelerator(name) == shipped.accelerator(name), name
    for name in ("Llama-3.1-8B", *(model.id for model in shipped.models.values())):
        assert names.model(name, None) == shipped.model(name, None), name
    records = [row(gpu=gpu) for gpu in ("H100", "A100", "MI300X", "L40S")]
    assert predict(records, CALIBRATION, names) == predict(records, CALIBRATION)


@pytest.mark.parametrize("name", ["me/Our-8B", "our-8b", "Our 8B"])
def test_an_own_model(names, name):
    found = one(names, model=name, params_total_b="", precision_weights="bf16")
    assert found.basis == "transferred"
    (refused,) = predict([row(model=name, params_total_b="")], CALIBRATION)
    assert "is not in the catalogue" in refused.reason


def test_an_own_engine_takes_its_share_of_memory(names):
    """Cache of 40 layers x 2 x 8 heads x 128 x 2 B = 163,840 B a token; the shares of 96 GB that
    vLLM and it claim differ by 0.1: 9.6e9 B / 163,840 B = 58,594 tokens.
    """
    asked = {
        "kind": "memory", "metric": "kv_cache_tokens", "unit": "tokens", "tp": 1, "gpu_count": 1,
        "model": "our-8b", "gpu": "our-h100", "precision_weights": "bf16", "engine_version": "",
    }  # fmt: skip
    usual, own = (one(names, engine=engine, **asked) for engine in ("vLLM", "acme-serve"))
    assert usual.value - own.value == pytest.approx(58_594, abs=2)


def test_an_own_engine_is_the_mean_of_all_until_it_is_calibrated(names):
    asked = {"gpu": "our-h100", "engine_version": "0.4"}
    own, nobody = one(names, engine="Acme-Serve", **asked), one(names, engine="", **asked)
    assert own.value == nobody.value
    assert "engine 'Acme-Serve' not calibrated: step times of the mean of all engines" in (
        own.assumptions
    )
    mean = CALIBRATION.constants(engine="*", kind="dense")
    constants = (*CALIBRATION.step_constants, mean.model_copy(update={"engine": "Acme-Serve"}))
    calibrated = one(
        names, replace(CALIBRATION, step_constants=constants), engine="Acme-Serve", **asked
    )
    assert calibrated.value == own.value
    assert not any("not calibrated" in text for text in calibrated.assumptions)


def test_a_changed_row_is_taken_as_changed(tmp_path):
    """69.5e9 weights of 2 B over 4 accelerators take 34.75 GB / 3350 GB/s = 10.4 ms and more to
    read; at twice the bandwidth that is half as long, and all else is as it was.
    """
    table = tmp_path / "accelerators.csv"
    table.write_text("name,memory_bandwidth_gb_per_s\nH100 80GB SXM5,6700\n")
    changed = names_of(catalog.load([table]))
    asked = {**LLAMA, "gpu": "NVIDIA H100 80GB", "concurrency_or_batch": 1}
    quicker, usual = one(changed, **asked), one(None, **asked)
    assert usual.value / 2 < quicker.value < usual.value - 10.4 / 2
    assert (quicker.basis, usual.basis) == ("transferred", "calibrated")


def test_from_the_datasheet_over_own_runs_to_a_plan(tmp_path, overlay, names):
    """predict, accuracy, calibrate, predict again, and a plan on the own constants."""
    file = write_rows(tmp_path / "runs.csv", runs(names))
    shown = list(csv.DictReader(invoke("predict", file, "--catalog", overlay).stdout.splitlines()))
    assert {cells["regime"] for cells in shown} == {"transfer"}
    folder = tmp_path / "constants"
    done = invoke("calibrate", file, "-o", folder, "--catalog", overlay)
    assert done.exit_code == 0, done.stderr
    assert "vllm (dense): 5 rows" in done.stdout and "predicted times x 1.300" in done.stdout
    given = ("--catalog", overlay, "--calibration", folder)
    card = json.loads(invoke("accuracy", file, "--json", *given).stdout)
    assert card["scores"]["accelerator"]["H100 96GB custom"]["rows"] == 5
    answers = predict(runs(names), load_calibration(folder), names)
    measured = [float(record["value"]) for record in runs(names)]
    off = [math.log(one.value / was) for one, was in zip(answers, measured, strict=True)]
    assert abs(median(off)) < MOST_LEFT
    asked = ("--model", "llama-3.3-70b", "--qps", "5", "--p99", "2s", "--provider", "us")
    plan = invoke("solve", *asked, "--terms", "owned", "--fast", *given)
    assert plan.exit_code == 0, plan.stderr
    assert "x 8xH100 96GB custom at us, owned" in plan.stdout
    assert "constants: vllm (dense), 5 rows" in " ".join(plan.stdout.split())


def test_many_own_runs_have_an_interval_of_their_own(tmp_path, names):
    lengths = ((512, 256), (1024, 256), (2048, 512), (1024, 512))
    file = write_rows(tmp_path / "runs.csv", runs(names, lengths=lengths, loads=(1, 8, 32, 64, 96)))
    (tmp_path / "own.yaml").write_text(OWN)
    folder = tmp_path / "constants"
    done = invoke("calibrate", file, "-o", folder, "--catalog", tmp_path / "own.yaml")
    assert done.exit_code == 0, done.stderr
    calibration = load_calibration(folder)
    assert {own.accelerator for own in calibration.own_errors} == {"H100 96GB custom"}
    asked = {**LLAMA, "concurrency_or_batch": 16}
    assert one(names, calibration, gpu="our-h100", **asked).basis == "own runs"


def test_reports_name_own_hardware_and_engines_by_flags(tmp_path, overlay):
    run = {
        "model_id": "me/Our-8B", "max_concurrency": 8, "completed": 100, "mean_tpot_ms": 12.0,
        "total_input_tokens": 102400, "total_output_tokens": 25600, "mean_ttft_ms": 95.0,
    }  # fmt: skip
    file = tmp_path / "runs.json"
    file.write_text("\n".join(6 * [json.dumps(run)]))
    flags = ("--accelerator", "our-h100", "--engine", "acme-serve")
    done = invoke("calibrate", file, "-o", tmp_path / "a", *flags, "--catalog", overlay)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Acme-Serve (dense): ")
    refused = invoke("calibrate", file, "-o", tmp_path / "b", *flags)
    assert refused.exit_code == 2 and "--engine 'acme-serve' is not known" in refused.stderr
    flags = ("--accelerator", "our-h100", "--engine", "acme-serv")
    refused = invoke("calibrate", file, "-o", tmp_path / "b", *flags, "--catalog", overlay)
    assert "did you mean Acme-Serve?" in refused.stderr


ASKED = {
    "predict": ("predict", "runs.csv"),
    "accuracy": ("accuracy", "runs.csv"),
    "calibrate": ("calibrate", "runs.csv", "-o", "folder"),
    "solve": ("solve", "--model", "8b", "--qps", "5", "--p99", "1s"),
    "models list": ("models", "list"),
    "catalog list": ("catalog", "list"),
}


@pytest.mark.parametrize("command", ASKED)
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "--catalog is given without a value; leave it out, or say what"),
        ("missing.csv", "missing.csv: no such file or folder"),
        ("own.yaml,", "'own.yaml,': there is nothing on one side of a ','"),
        ("own.yaml,offers-bad.csv", "offers-bad.csv"),
    ],
)
def test_overlays_are_refused_alike(tmp_path, monkeypatch, command, given, reason):
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "runs.csv", [row()])
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "offers-bad.csv").write_text("provider,pricee\nus,3\n")
    done = invoke(*ASKED[command], "--catalog", given)
    assert done.exit_code and reason in f"{done.exception} {done.stderr}"


def test_overlays_are_joined_and_repeated(tmp_path, monkeypatch, overlay):
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "runs.csv", [row(gpu="our-h100")])
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "accelerators.csv").write_text("name,memory_gb\nH100 96GB custom,10\n")
    small = "runs.csv", "--catalog", "own.yaml,accelerators.csv"
    assert "1 refused" in invoke("predict", *small).stderr
    apart = "runs.csv", "--catalog", "own.yaml", "--catalog", "accelerators.csv"
    assert invoke("predict", *apart).stdout == invoke("predict", *small).stdout
    assert "1 transfer" in invoke("predict", "runs.csv", "--catalog", "own.yaml").stderr


def test_a_refit_keeps_the_shipped_catalogue(tmp_path, overlay):
    file = write_rows(tmp_path / "runs.csv", [row()])
    done = invoke("calibrate", file, "-o", tmp_path / "a", "--refit", "--catalog", overlay)
    assert done.exit_code == 2 and "--refit keeps the shipped catalogue" in done.stderr
    assert not (tmp_path / "a").exists()
