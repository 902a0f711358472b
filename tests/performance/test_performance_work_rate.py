"""Work per second of an engine: hand sums of bytes and operations, tiles, modules with a CPU."""

import numpy as np
import pytest
from performance_rows import H100, LLAMA_70B, PRECISIONS, QWEN3_235B, SUPPORT, fixed_lengths, node

from recommender.layout import Layout
from recommender.performance.build_stage import build_stage
from recommender.performance.layout_table import layout_table
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import moments
from recommender.performance.work_rate import chip_tdp_w, work_rate

STEP_S = 0.02


def rate(model, calibration, *, sequences, context=1.0, prompts=0.0, tp=8, verified=1.0):
    stage = build_stage(
        shape=model_shape(model), hardware=node(H100), calibration=calibration,
        table=layout_table(
            [Layout("bf16", "bf16", tp=tp)],
            accelerator=H100, precisions=PRECISIONS, support=SUPPORT,
        ),
        moments=moments(fixed_lengths(1024, 256)),
    )  # fmt: skip
    found = work_rate(
        stage,
        step_s=np.array([STEP_S]),
        sequences=np.array([float(sequences)]),
        context=np.array([context]),
        prompt_per_output=np.array([prompts]),
        verified=verified,
    )
    return float(found.read[0]), float(found.compute[0])


def test_weights_are_read_once_per_step(calibration):
    """(70.55 - 1.05 of the embedding) G parameters of 2 bytes / 8 accelerators / 3.35 TB/s."""
    read, _ = rate(LLAMA_70B, calibration, sequences=1)
    assert read == pytest.approx(69.5e9 * 2 / 8 / 3.35e12 / STEP_S, rel=0.01)


def test_operations_of_a_batch(calibration):
    """64 sequences * 2 * 69.5 G / 8 accelerators / 989 Tflop/s, and hardly any attention."""
    _, compute = rate(LLAMA_70B, calibration, sequences=64)
    assert compute == pytest.approx(64 * 2 * 69.5e9 / 8 / 989.4e12 / STEP_S, rel=0.01)


def test_a_batch_below_sixteen_works_like_sixteen(calibration):
    _, one = rate(LLAMA_70B, calibration, sequences=1)
    _, many = rate(LLAMA_70B, calibration, sequences=16)
    _, twice = rate(LLAMA_70B, calibration, sequences=32)
    assert one == pytest.approx(many, rel=1e-3)
    assert twice == pytest.approx(2 * many, rel=1e-3)


def test_experts_with_few_tokens_work_on_whole_tiles(calibration):
    """8 tokens use 8*8/128 pairs per expert: 16 rows for each of the 51.6 used ones, not 64 pairs.

    used = 128 * (1 - (1 - 8/128)^8) = 51.6; 16 * 51.6 = 826 pairs instead of 64.
    """
    _, compute = rate(QWEN3_235B, calibration, sequences=8)
    expert = 2 * 94 * 3 * 4096 * 1536 / 8 / 989.4e12
    dense = 2 * (22.19e9 - 94 * 8 * 3 * 4096 * 1536) / 8 / 989.4e12
    assert compute == pytest.approx((826 * expert + 16 * dense) / STEP_S, rel=0.03)


def test_prompts_add_operations_and_longer_contexts_add_reads(calibration):
    base = rate(LLAMA_70B, calibration, sequences=32)
    assert rate(LLAMA_70B, calibration, sequences=32, prompts=4.0)[1] > 4 * base[1]
    assert rate(LLAMA_70B, calibration, sequences=32, prompts=4.0)[0] == base[0]
    assert rate(LLAMA_70B, calibration, sequences=32, context=4096.0)[0] > base[0]


def test_the_power_of_a_module_without_its_cpu():
    module = H100.model_copy(update={"form": "superchip", "tdp_w": 1000.0})
    assert chip_tdp_w(module) == 750  # 1000 W of the module - 250 W of Grace
    assert chip_tdp_w(module.model_copy(update={"architecture": "Blackwell"})) == 1000
    assert chip_tdp_w(H100.model_copy(update={"tdp_w": 700.0})) == 700
    assert chip_tdp_w(H100.model_copy(update={"tdp_w": None})) is None


def test_verified_tokens_are_tokens_of_one_sequence(calibration):
    """4 tokens of 8 sequences work like 32 sequences, but for the caches, read 8 times."""
    for model in (LLAMA_70B, QWEN3_235B):
        read, compute = rate(model, calibration, sequences=8, verified=4.0, context=1e-9)
        same_read, same_compute = rate(model, calibration, sequences=32, context=1e-9)
        assert read == pytest.approx(same_read)
        assert compute == pytest.approx(same_compute)
        for verified in (1.0, 4.0):
            far, near = (
                rate(model, calibration, sequences=8, verified=verified, context=context)[0]
                for context in (1e4, 1e-9)
            )
            plain = rate(model, calibration, sequences=8, context=1e4)[0]
            plain -= rate(model, calibration, sequences=8, context=1e-9)[0]
            assert far - near == pytest.approx(plain)


def test_rows_of_a_tile_are_of_all_verified_tokens(calibration):
    """4 tokens of 4 sequences fill the 16 rows that a single token leaves idle."""
    one = rate(LLAMA_70B, calibration, sequences=1, context=1e-9)
    four = rate(LLAMA_70B, calibration, sequences=4, verified=4.0, context=1e-9)
    assert four[1] == pytest.approx(one[1])
