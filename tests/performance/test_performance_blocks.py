"""Which blocks a model has: usual ones, plain matrices, alternating and interleaved layers."""

import pytest
from conftest import DEEPSEEK_V2, LLAMA_70B

from recommender.performance.model_shape import model_shape


def variant(base, **changes):
    return base.model_copy(update=changes)


def test_plain_feed_forward_of_falcon_40b():
    """Two matrices: 60 layers * 2*8192*32768 = 32.2 B, 41.3 B in all; three would give 57 B."""
    falcon = variant(
        LLAMA_70B, layers=60, heads=128, kv_heads=8, head_dim=64, intermediate=32768, vocab=65024,
        tied_embeddings=True, total_params_b=41.3, active_params_b=41.3,
    )  # fmt: skip
    shape = model_shape(falcon)
    assert shape.dense_parameters == 60 * 2 * 8192 * 32768
    assert shape.total_parameters / 1e9 == pytest.approx(41.3, rel=0.01)


def test_interleaved_experts_of_llama_4_maverick():
    maverick = variant(
        LLAMA_70B, layers=48, hidden=5120, heads=40, kv_heads=8, intermediate=8192, vocab=202048,
        routed_experts=128, shared_experts=1, experts_per_token=1, expert_intermediate=8192,
        total_params_b=400.7, active_params_b=17.2,
    )  # fmt: skip
    assert model_shape(maverick).expert_layers == 24
    assert model_shape(maverick).total_parameters / 1e9 == pytest.approx(400.7, rel=0.01)


def test_alternating_blocks_of_nemotron_3_nano():
    """52 blocks: 6 attention, 23 recurrent, so 23 hold experts, of two matrices each."""
    nano = variant(
        LLAMA_70B, layers=52, hidden=2688, heads=32, kv_heads=2, intermediate=1856, vocab=131072,
        routed_experts=128, shared_experts=1, experts_per_token=6, expert_intermediate=1856,
        shared_expert_intermediate=3712, growing_layers=6, state_layers=23,
        total_params_b=31.58, active_params_b=3.58,
    )  # fmt: skip
    shape = model_shape(nano)
    assert shape.expert_layers == 23
    assert shape.expert_parameters == 2 * 2688 * 1856
    assert shape.total_parameters / 1e9 == pytest.approx(31.58, rel=0.01)


def test_experts_of_an_unknown_form_take_what_the_total_leaves():
    odd = variant(DEEPSEEK_V2, total_params_b=70.0, active_params_b=15.0)
    assert model_shape(odd).total_parameters / 1e9 == pytest.approx(70.0, rel=0.01)
