"""Own errors in step laws: of the deployment that was run, near its lengths and loads, alone."""

from dataclasses import replace

import pytest
from performance_rows import (
    H100,
    H200,
    LLAMA_70B,
    PRECISIONS,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)

from catalog.calibration import OwnError
from catalog.network import network
from recommender.hardware import Hardware, Sharing
from recommender.layout import Layout
from recommender.performance.own_reach import is_near
from recommender.performance.roofline import replica_laws
from recommender.performance.speculation import Speculation

ROW = OwnError.model_validate(
    {
        "network": network(LLAMA_70B), "accelerator": H100.name, "engine": "vllm",
        "weight_bits": 8, "tp": 4, "pp": 1, "adp": 1, "ep": 1, "rows": 20, "kind": "tpot",
        "runs": 20, "log_standard_deviation": 0.125, "low": -0.1, "high": 0.2,
        "least_context_tokens": 640, "most_context_tokens": 2304, "least_prompt_per_output": 2,
        "most_prompt_per_output": 4, "most_sequences": 128, "memory_bandwidth_gb_per_s": 3350,
        "bf16_tflops": 989.4, "fp8_tflops": 1978.9, "link_gb_per_s": 450, "source": "test",
        "date": "2026-11-22",
    }
)  # fmt: skip
TP4 = Layout("fp8", "fp8", tp=4)


def law(calibration, *, hardware=None, layout=TP4, lengths=(1024, 256), **more):
    return replica_laws(
        model=more.pop("model", LLAMA_70B), hardware=hardware or node(H100), engine=VLLM,
        precisions=PRECISIONS, support=SUPPORT, lengths=fixed_lengths(*lengths), layouts=[layout],
        calibration=calibration, **more,
    ).take(0)  # fmt: skip


@pytest.fixture
def own(calibration):
    return replace(calibration, own_errors=(ROW,))


def test_the_deployment_that_was_run_has_its_own_error(calibration, own):
    """The rest of rel_error (of the line) is the same, added in squares."""
    before, after = law(calibration), law(own)
    assert (before.basis, after.basis) == ("calibrated", "own runs")
    other = law(replace(own, own_errors=(ROW.model_copy(update={"log_standard_deviation": 0.5}),)))
    assert other.rel_error**2 - after.rel_error**2 == pytest.approx(0.5**2 - 0.125**2)
    assert (after.a, after.b, after.d) == (before.a, before.b, before.d)


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": Layout("fp8", "fp8", tp=8)},
        {"layout": Layout("bf16", "bf16", tp=4)},
        {"layout": Layout("fp8", "fp8", tp=4, max_batch=1024)},
        {"hardware": node(H200)},
        {"hardware": node(H100.model_copy(update={"memory_bandwidth_gb_per_s": 5000.0}))},
        {"hardware": Hardware(H100, 2, 50.0)},
        {"hardware": Hardware(H100, 16, 50.0, Sharing("colocated", 2))},
        {"model": LLAMA_70B.model_copy(update={"layers": 60})},
        {"lengths": (8192, 256)},
        {"lengths": (256, 1024)},
        {"speculation": Speculation(2, 1.8)},
    ],
)
def test_all_else_is_as_without_own_runs(calibration, own, changes):
    before, after = law(calibration, **changes), law(own, **changes)
    assert (before.basis, before.rel_error) == (after.basis, after.rel_error)


def test_reach_by_hand():
    """Half of the least to twice the most: contexts 320 to 4608, ratios 1 to 8, 256 sequences."""

    def near(context=1000.0, ratio=2.0, sequences=16.0):
        return bool(
            is_near(ROW, context_tokens=context, prompt_per_output=ratio, sequences=sequences)
        )

    assert [near(context=c) for c in (319, 320, 4608, 4609)] == [False, True, True, False]
    assert [near(ratio=r) for r in (0.9, 1, 8, 8.1)] == [False, True, True, False]
    assert [near(sequences=s) for s in (0, 256, 257)] == [True, True, False]
