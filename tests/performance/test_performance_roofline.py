"""The calibrated roofline: published latencies, limits, monotonicity."""

from dataclasses import replace

import numpy as np
import pytest
from performance_rows import (
    B200,
    DEEPSEEK_V2,
    DEEPSEEK_V3,
    H100,
    H200,
    LLAMA_70B,
    LLAMA_405B,
    PRECISIONS,
    PROTOTYPE,
    QWEN3_235B,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)  # fmt: skip

from catalog.calibration import Factors
from catalog.loader import load
from recommender.layout import Layout
from recommender.performance.build_stage import build_stage
from recommender.performance.constants import constants_of
from recommender.performance.layout_table import layout_table
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import moments
from recommender.performance.roofline import frontend_s, replica_laws
from recommender.performance.step_time import step_s

GIB = 2**30
CHAT = fixed_lengths(1024, 256)
TP8 = Layout("fp8", "fp8", tp=8)
DP8 = Layout("fp8", "fp8", tp=1, adp=8, ep=8)


def common(model, accelerator, layouts, lengths=CHAT):
    return dict(
        model=model, hardware=node(accelerator), layouts=layouts, engine=VLLM,
        precisions=PRECISIONS, support=SUPPORT, lengths=lengths,
    )  # fmt: skip


def laws(model, accelerator, layouts, calibration, lengths=CHAT):
    return replica_laws(**common(model, accelerator, layouts, lengths), calibration=calibration)


def exact(
    model, accelerator, layout, calibration, *, batch, prompt=0.0, context=1152.0, constants=None
):
    """The step before it is made linear [ms]."""
    shape = model_shape(model)
    kind = "moe" if model.is_moe else "dense"
    stage = build_stage(
        shape=shape, hardware=node(accelerator), calibration=calibration,
        table=layout_table(
            [layout], accelerator=accelerator, precisions=PRECISIONS, support=SUPPORT
        ),
        moments=moments(CHAT),
    )  # fmt: skip
    return 1e3 * float(
        step_s(
            stage,
            constants
            or constants_of(
                calibration.constants(engine="vllm", kind=kind),
                calibration.factors(
                    engine="vllm", kind=kind, accelerator=accelerator, family=model.family
                ),
            ),
            sequences=np.array([float(batch)]),
            context_tokens=np.array([batch * context]),
            prompt_tokens=np.array([prompt]),
            prompt_context_tokens=np.array([prompt / 2]),
            prompt_ranks=np.ones(1),
        )[0]
    )


@pytest.mark.parametrize(
    ("model", "total_b", "active_b"),
    [
        (DEEPSEEK_V2, 235.7, 20.9), (DEEPSEEK_V3, 671.0, 36.6), (LLAMA_70B, 70.6, 69.5),
        (LLAMA_405B, 405.8, 403.7), (QWEN3_235B, 235.1, 21.6),
    ],
    ids=lambda value: getattr(value, "id", None),
)  # fmt: skip
def test_parameters_as_published(model, total_b, active_b):
    shape = model_shape(model)
    assert shape.total_parameters / 1e9 == pytest.approx(total_b, abs=0.06)
    assert shape.active_parameters / 1e9 == pytest.approx(active_b, abs=0.06)


@pytest.mark.parametrize(
    ("accelerator", "prompt_ms", "decode_ms"),
    [(H100, 37, (5.9, 10, 16, 22)), (H200, 35, (5.5, 8.5, 13, 19)), (B200, 23, (5.7, 7.5, 10, 14))],
    ids=["H100", "H200", "B200"],
)
def test_idle_latencies_of_deepseek_v2_tp8(accelerator, prompt_ms, decode_ms, calibration):
    """The figures of the fitted prototype, which shares no code with this one."""

    def step(**load):
        return exact(DEEPSEEK_V2, accelerator, TP8, calibration, constants=PROTOTYPE["moe"], **load)

    prompt = step(batch=0, prompt=1024.0)
    assert prompt == pytest.approx(prompt_ms, rel=0.07)  # it adds 2 ms per prefill
    for batch, milliseconds in zip((1, 16, 64, 256), decode_ms, strict=True):
        assert step(batch=batch) == pytest.approx(milliseconds, rel=0.05)


def test_layers_of_one_block_launch_half_as_much(calibration):
    """118 layers of Nemotron-H are 118 blocks, a fitted layer has two: 59 launches of 15.17 us."""
    hybrid, dense = load().model("nvidia/Nemotron-H-56B-Base-8K"), PROTOTYPE["dense"]
    silent = replace(dense, layer_s=0.0)
    slow, quick = (
        exact(hybrid, H100, TP8, calibration, batch=1, constants=each) for each in (dense, silent)
    )
    assert slow - quick == pytest.approx(59 * 15.17e-3)


def test_a_prompt_lives_on_one_rank(calibration):
    """1,024 tokens on one H100 rank of DP8 take 50-109 ms idle, not the 33 ms of eight ranks."""
    prompt = exact(
        DEEPSEEK_V2, H100, DP8, calibration, batch=0, prompt=1024.0, constants=PROTOTYPE["moe"]
    )
    assert 50 <= prompt <= 115
    law = laws(DEEPSEEK_V2, H100, [TP8, DP8], calibration)
    assert law.ranks.tolist() == [1, 8]
    assert law.d[1] > 2 * law.d[0]


def test_law_follows_the_exact_step_near_its_operating_point(calibration):
    for model, layout in ((DEEPSEEK_V2, TP8), (LLAMA_70B, Layout("bf16", "bf16", tp=4))):
        law = laws(model, H100, [layout], calibration).take(0)
        full = min(law.max_batch, law.kv_tokens / 1152)
        for batch in (full / 8, full / 3, full):
            tau = 1e3 * (law.a + law.b * batch + law.g * batch * 1152)
            truth = exact(model, H100, layout, calibration, batch=batch)
            assert tau == pytest.approx(truth, rel=0.10)
        with_prompt = 1e3 * (
            law.a + law.b * full / 3 + law.g * full / 3 * 1152 + law.d * 1024 + law.q * 1024 * 512
        )
        truth = exact(model, H100, layout, calibration, batch=full / 3, prompt=1024.0)
        assert with_prompt == pytest.approx(truth, rel=0.10)


def test_prompt_tokens_that_ride_along_do_not_stream_the_weights_again(calibration):
    """The marginal cost of a prompt is less than the step it would need alone."""
    alone = exact(LLAMA_70B, H100, TP8, calibration, batch=0, prompt=256.0)
    decode = exact(LLAMA_70B, H100, TP8, calibration, batch=64)
    together = exact(LLAMA_70B, H100, TP8, calibration, batch=64, prompt=256.0)
    assert together < alone + decode


def test_pipeline_round(calibration):
    """Two stages: in a round each works twice, on half the batch; one chunk gains nothing."""
    flat, piped = Layout("bf16", "bf16", tp=4), Layout("bf16", "bf16", tp=4, pp=2)
    law = laws(LLAMA_70B, H200, [flat, piped], calibration)
    # prompts fit one chunk, m = 1: bubble (1 + 2 - 1)/1 = 2, half the tokens of two steps
    assert law.chunk_tokens[1] == law.chunk_tokens[0]
    for batch in (64, 256):  # two steps with half the batch each, and two hops of about 15 us
        stage_ms = exact(LLAMA_70B, H200, piped, calibration, batch=batch / 2)
        round_ms = 1e3 * (law.a[1] + law.b[1] * batch + law.g[1] * batch * 1152)
        assert round_ms == pytest.approx(2 * stage_ms + 0.03, rel=0.05)
    assert law.b[1] < law.b[0]  # half of it, but for scheduling, which is per sequence
    assert law.q[1] == pytest.approx(law.q[0])  # half the layers, twice the time
    assert law.kv_tokens[1] > 1.9 * law.kv_tokens[0]


def test_many_small_chunks_fill_the_pipeline(calibration):
    """A prompt of m chunks: (m + 1)/m stage times per chunk, from 2 towards 1."""
    layouts = [
        Layout("bf16", "bf16", tp=4, pp=2, chunk_tokens=chunk) for chunk in (256, 512, 1024, 8192)
    ]
    law = laws(LLAMA_70B, H200, layouts, calibration)
    flat = laws(LLAMA_70B, H200, [replace(layout, pp=1) for layout in layouts], calibration)
    gain = flat.q / law.q  # 2m/(m + 1)
    assert list(gain) == sorted(gain, reverse=True)
    assert gain[0] > 1.5
    assert gain[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("field", ["memory_bandwidth_gb_per_s", "fp8_tflops", "bf16_tflops"])
@pytest.mark.parametrize("model", [DEEPSEEK_V2, LLAMA_70B], ids=lambda model: model.id)
@pytest.mark.parametrize("layout", [TP8, DP8], ids=["tp8", "adp8"])
def test_faster_hardware_is_never_slower(field, model, layout, calibration):
    if layout.adp > 1 and not model.is_moe:
        pytest.skip("dense")
    faster = H100.model_copy(update={field: 1.5 * getattr(H100, field)})
    for batch, prompt in ((1, 0.0), (64, 0.0), (64, 1024.0)):
        before = exact(model, H100, layout, calibration, batch=batch, prompt=prompt)
        assert exact(model, faster, layout, calibration, batch=batch, prompt=prompt) <= before


def test_more_tensor_parallel_is_faster_for_a_large_model(calibration):
    steps = [
        exact(LLAMA_405B, H100, Layout("fp8", "fp8", tp=tp), calibration, batch=16)
        for tp in (1, 2, 4, 8)
    ]
    assert steps == sorted(steps, reverse=True)


def test_longer_contexts_and_more_sequences_cost_more(calibration):
    def step(batch, context):
        return exact(DEEPSEEK_V2, H100, TP8, calibration, batch=batch, context=context)

    assert step(16, 1000.0) < step(16, 8000.0) < step(32, 8000.0)


def test_basis_and_error(calibration):
    """One network where it was run, on a card of that kind that was not, and on another kind."""
    layout = [Layout("fp8", "fp8", tp=4)]
    known = laws(LLAMA_70B, H100, layout, calibration)
    kin = H100.model_copy(update={"name": "X0"})
    foreign = H100.model_copy(update={"name": "X1", "architecture": "Unheard-of"})
    new_accelerator, new_architecture = (
        laws(LLAMA_70B, hardware, layout, calibration) for hardware in (kin, foreign)
    )
    bases = [law.basis[0] for law in (known, new_accelerator, new_architecture)]
    assert bases == ["calibrated", "transferred", "roofline"]
    own, kindred, unheard_of = (
        law.rel_error[0] for law in (known, new_accelerator, new_architecture)
    )
    # where the table's errors are the same, those of the straight lines still differ a little
    assert own <= kindred * (1 + 1e-3) and kindred < unheard_of
    assert laws(DEEPSEEK_V2, H100, layout, calibration).basis[0] == "transferred"


def test_columns_do_not_influence_each_other(calibration):
    """A layout has the same law alone and among others."""
    layouts = [
        replace(TP8, tp=tp, ep=ep, max_batch=batch)
        for tp in (4, 8) for ep in (1, tp) for batch in (16, 256)
    ]  # fmt: skip
    together = laws(DEEPSEEK_V2, B200, layouts, calibration)
    for index, layout in enumerate(layouts):
        alone = laws(DEEPSEEK_V2, B200, [layout], calibration).take(0)
        assert alone == together.take(index)


@pytest.mark.parametrize(
    ("documented_s", "fitted_s", "factor", "frontend"),
    [(0.04, 0.02, 1.5, 0.04), (0.04, 0.06, 1.5, 0.09), (0.04, 0.02, 2.0, 0.04)],
)
def test_a_frontend_is_as_documented_or_slower_as_measured(
    documented_s, fitted_s, factor, frontend, calibration
):
    """60 ms in the fit and half as much again on this silicon: 90 ms; never below the 40 ms."""
    row = calibration.constants(engine="vllm", kind="dense").model_copy(
        update={"frontend_s": fitted_s}
    )
    engine = VLLM.model_copy(update={"frontend_s": documented_s})
    assert frontend_s(engine, row, Factors(frontend_factor=factor)) == pytest.approx(frontend)


def test_laws_hold_the_frontend(calibration):
    slow = replace(
        calibration,
        step_constants=tuple(
            row.model_copy(update={"frontend_s": 1.0}) for row in calibration.step_constants
        ),
        deviations=(),
        architectures=(),
    )
    for known, expected in ((calibration, None), (slow, 1.0)):
        found = np.asarray(laws(LLAMA_70B, H100, [TP8], known).frontend_s)
        assert found.shape == (1,)
        assert found[0] >= VLLM.frontend_s
        assert expected is None or found[0] == expected
