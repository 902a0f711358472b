"""Experts over many nodes: published figures that no constant was fitted to.

DeepSeek-V3, SGLang on 12 nodes of 8 H100 (Large-scale EP, LMSYS 2025-05-05): pools of prompts and
of tokens were driven alone. The row's notes say whether two halves of the batch overlapped.

Kimi-K2, SGLang on 16 nodes of 8 H200 (LMSYS 2025-07-20), by its recipe (sgl-project/ome, runtime
kimi-k2-pd-rt): two halves in both pools, prompts in chunks of 524,288 tokens over 32 accelerators,
16,384 each.

DeepSeek-V3, an early SGLang on 12 nodes of 4 GB200 (LMSYS 2025-06-16 and 2025-09-25): pools of
tokens with a cache of 8 bits, without which 1,408 sequences of 2,000 tokens would not fit.

DeepSeek-R1, TensorRT-LLM on 18 nodes of 4 GB200 (MLPerf Inference v5.1), as the rows are published:
without layout, lengths of prompts or load.

Versions are stated by the month of the run or by the patch of that month.
"""

import pytest
from measurement_rows import row

from catalog.calibration import load_calibration
from recommender.accuracy.prediction import Prediction, predict

OVERLAP = "two-batch overlap"
DEEPSEEK = {"model": "DeepSeek-V3", "params_total_b": 671, "params_active_b": 37}
KIMI = {
    "model": "Kimi-K2", "params_total_b": 1000, "params_active_b": 32, "gpu": "NVIDIA H200",
    "engine_version": "2025-07",
}  # fmt: skip


def per_node(*, ranks, kind, prompt, output, batch, notes="", deployed=DEEPSEEK, **changes):
    """Tokens per second of a node of 8."""
    described = {
        "kind": "throughput", "engine": "SGLang", "engine_version": "2025-05", "tp": 1, "dp": ranks,
        "ep": ranks, "gpu_count": ranks, "nodes": ranks // 8, "isl": prompt, "osl": output,
        "concurrency_or_batch": batch * ranks, "metric": f"{kind}_tok_per_s_per_node",
        "unit": "tok/s", "notes": notes,
    }  # fmt: skip
    (answer,) = predict(
        [row(**{**described, **deployed, **changes})],
        load_calibration(),
    )  # fmt: skip
    assert isinstance(answer, Prediction), answer
    return answer


@pytest.mark.parametrize(
    ("notes", "measured"), [(OVERLAP, 22_282), ("", 22_310 / 1.255)], ids=["halves", "whole"]
)
@pytest.mark.parametrize("version", ["2025-05", "0.4.6"])
def test_decodes_of_nine_nodes(notes, measured, version):
    """256 sequences of 2,000 tokens per accelerator; with halves 25.5 % faster."""
    found = per_node(
        ranks=72, kind="decode", prompt=1950, output=100, batch=256, notes=notes,
        engine_version=version,
    )  # fmt: skip
    assert found.value == pytest.approx(measured, rel=0.35)
    assert found.low < measured < found.high


@pytest.mark.parametrize(("prompt", "measured"), [(1024, 57_674), (2048, 54_543), (4096, 50_302)])
@pytest.mark.parametrize("version", ["2025-05", "0.4.6"])
def test_prompts_of_four_nodes(prompt, measured, version):
    """16,384 tokens per accelerator; 59,337 tokens/s at 4,096 with perfectly balanced experts."""
    found = per_node(
        ranks=32, kind="prefill", prompt=prompt, output=1, batch=16_384 // prompt, notes=OVERLAP,
        engine_version=version,
    )  # fmt: skip
    assert found.value == pytest.approx(measured, rel=0.35)
    assert found.low < measured < found.high


@pytest.mark.parametrize(
    ("kind", "pool", "measured"),
    [
        ("prefill", {"ranks": 32, "prompt": 2000, "output": 1, "batch": 16_384 // 2000}, 56_000),
        ("decode", {"ranks": 96, "prompt": 1950, "output": 100, "batch": 480}, 24_000),
    ],
    ids=["prompts", "tokens"],
)
@pytest.mark.parametrize("version", ["2025-07", "0.4.9"])
def test_kimi_on_sixteen_nodes(kind, pool, measured, version):
    """2,000 tokens in, 100 out; 4 nodes for prompts, 12 for tokens at 480 each."""
    found = per_node(kind=kind, **pool, notes=OVERLAP, deployed=KIMI, engine_version=version)
    assert found.value == pytest.approx(measured, rel=0.35)
    assert found.low < measured < found.high


@pytest.mark.parametrize(
    ("batch", "weights", "versions", "measured"),
    [(768, "fp8", ("2025-06", "0.4.7"), 7583), (1408, "fp4", ("2025-09", "0.5.2"), 13_386)],
)
def test_decodes_of_a_rack_by_an_early_version(batch, weights, versions, measured):
    """2,000 tokens each; a step is 0.3 and 0.37 longer than it was: tuned kernels came early."""
    for version in versions:
        found = per_node(
            ranks=48, kind="decode", prompt=1950, output=100, batch=batch, nodes=12,
            metric="decode_tok_per_s_per_gpu", unit="tok/s/GPU", gpu="NVIDIA GB200",
            precision_weights=weights, precision_kv="fp8", engine_version=version,
        )  # fmt: skip
        assert found.value == pytest.approx(measured, rel=0.35)


@pytest.mark.parametrize(
    ("metric", "output", "limits", "measured"),
    [
        ("output_tokens_per_s_offline", 3769.3, "", 289_712),
        ("output_tokens_per_s_server", 3716.7, "; p99 limits TTFT<=2s TPOT<=80ms", 167_578),
    ],
)
def test_answers_of_very_different_lengths_in_a_rack(metric, output, limits, measured):
    published = row(
        kind="throughput", model="DeepSeek-R1", params_total_b=671, params_active_b=37,
        precision_weights="fp4", engine="TensorRT", engine_version="10.11", gpu="NVIDIA GB200",
        gpu_count=72, nodes=18, tp="", pp="", isl="", osl=output, concurrency_or_batch="",
        metric=metric, unit="tok/s", notes=f"closed/available; NVIDIA; deepseek-r1{limits}",
    )  # fmt: skip
    (found,) = predict([published], load_calibration())
    assert isinstance(found, Prediction), found
    assert "answers that vary by 1.03 of their mean" in found.assumptions
    assert found.value == pytest.approx(measured, rel=0.35)
    assert found.low < measured < found.high


def test_halves_pay_for_large_batches_only():
    gains = [
        per_node(ranks=72, kind="decode", prompt=1950, output=100, batch=b, notes=OVERLAP).value
        / per_node(ranks=72, kind="decode", prompt=1950, output=100, batch=b).value
        for b in (16, 32, 256)
    ]
    assert gains[:2] == [1.0, 1.0]
    assert gains[2] > 1.1


def test_the_note_changes_nothing_inside_a_node():
    one = {"ranks": 8, "kind": "decode", "prompt": 1024, "output": 1024, "batch": 64}
    assert per_node(**one, notes=OVERLAP).value == per_node(**one).value
