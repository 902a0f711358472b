"""Experts over many nodes: published figures that no constant was fitted to.

DeepSeek-V3, SGLang on 12 nodes of 8 H100 (Large-scale EP, LMSYS 2025-05-05): pools of prompts and
of tokens were driven alone. The row's notes say whether two halves of the batch overlapped.

Kimi-K2, SGLang on 16 nodes of 8 H200 (LMSYS 2025-07-20), by its recipe (sgl-project/ome, runtime
kimi-k2-pd-rt): two halves in both pools, prompts in chunks of 524,288 tokens over 32 accelerators,
16,384 each.

Versions are stated by the month of the run, as in the fitted runs: patches of SGLang 0.4 came out
over eight months.
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


def per_node(*, ranks, kind, prompt, output, batch, notes="", deployed=DEEPSEEK):
    """Tokens per second of a node of 8."""
    described = {
        "kind": "throughput", "engine": "SGLang", "engine_version": "2025-05", "tp": 1, "dp": ranks,
        "ep": ranks, "gpu_count": ranks, "nodes": ranks // 8, "isl": prompt, "osl": output,
        "concurrency_or_batch": batch * ranks, "metric": f"{kind}_tok_per_s_per_node",
        "unit": "tok/s", "notes": notes,
    }  # fmt: skip
    (answer,) = predict(
        [row(**{**described, **deployed})],
        load_calibration(),
    )  # fmt: skip
    assert isinstance(answer, Prediction), answer
    return answer


@pytest.mark.parametrize(
    ("notes", "measured"), [(OVERLAP, 22_282), ("", 22_310 / 1.255)], ids=["halves", "whole"]
)
def test_decodes_of_nine_nodes(notes, measured):
    """256 sequences of 2,000 tokens per accelerator; with halves 25.5 % faster."""
    found = per_node(ranks=72, kind="decode", prompt=1950, output=100, batch=256, notes=notes)
    assert found.value == pytest.approx(measured, rel=0.35)
    assert found.low < measured < found.high


@pytest.mark.parametrize(("prompt", "measured"), [(1024, 57_674), (2048, 54_543), (4096, 50_302)])
def test_prompts_of_four_nodes(prompt, measured):
    """16,384 tokens per accelerator; 59,337 tokens/s at 4,096 with perfectly balanced experts."""
    found = per_node(
        ranks=32, kind="prefill", prompt=prompt, output=1, batch=16_384 // prompt, notes=OVERLAP
    )
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
def test_kimi_on_sixteen_nodes(kind, pool, measured):
    """2,000 tokens in, 100 out; 4 nodes for prompts, 12 for tokens at 480 each."""
    found = per_node(kind=kind, **pool, notes=OVERLAP, deployed=KIMI)
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
