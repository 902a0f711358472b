"""Key-value heads are never split: their projections are copied when tp exceeds them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from performance_rows import H100, LLAMA_70B, PRECISIONS, SUPPORT, fixed_lengths, node

from recommender.layout import Layout
from recommender.performance.build_stage import build_stage
from recommender.performance.layout_table import layout_table
from recommender.performance.memory import stage_weight_bytes
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import moments
from recommender.sizing.weights import key_value_copies

SHAPE = model_shape(LLAMA_70B)  # 8 key-value heads of width 128, hidden 8192, 80 layers


def table(*tp):
    return layout_table(
        [Layout("bf16", "bf16", tp=t) for t in tp],
        accelerator=H100,
        precisions=PRECISIONS,
        support=SUPPORT,
    )


def test_copies_by_hand():
    assert key_value_copies(kv_heads=8, tp=1) == 1  # 1 * 8/8
    assert key_value_copies(kv_heads=8, tp=8) == 1  # 8 * 1/8
    assert key_value_copies(kv_heads=8, tp=16) == 2  # 16 * ceil(1/2)/8
    assert key_value_copies(kv_heads=2, tp=16) == 8  # 16 * 1/2


@given(st.integers(0, 6), st.integers(0, 6))
def test_one_copy_until_tp_exceeds_the_heads(log_heads, log_tp):
    heads, tp = 2**log_heads, 2**log_tp
    assert key_value_copies(kv_heads=heads, tp=tp) == max(1, tp / heads)


def test_weights_of_llama_70b_by_hand():
    total = 70.552387584e9
    projections = 2 * 8192 * 8 * 128 * 80  # keys and values of 80 layers: 1.342e9
    assert projections == SHAPE.key_value_parameters
    held = stage_weight_bytes(shape=SHAPE, table=table(8, 16))
    assert held[0] == pytest.approx(2 * total / 8)
    # the projections are cut over 8 heads, all else over 16 accelerators
    assert held[1] == pytest.approx(2 * ((total - projections) / 16 + projections / 8))


def test_step_reads_the_bytes_that_are_held(calibration):
    both = table(8, 16)
    stage = build_stage(
        shape=SHAPE,
        hardware=node(H100),
        table=both,
        calibration=calibration,
        moments=moments(fixed_lengths(1000, 100)),
    )
    bandwidth = H100.memory_bandwidth_gb_per_s * 1e9
    table_bytes = 2 * SHAPE.vocab_parameters / both.tp  # one matrix is looked up, not read
    read = (np.asarray(stage.matrices.read_s) + np.asarray(stage.head.read_s)) * bandwidth
    assert read + table_bytes == pytest.approx(stage_weight_bytes(shape=SHAPE, table=both))


def test_a_latent_belongs_to_no_head(facts):
    assert model_shape(facts.model("deepseek-v2")).key_value_parameters == 0
