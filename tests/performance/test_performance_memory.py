"""Memory of a layout, by hand: weights, cache, and what does not fit."""

import pytest
from performance_rows import (
    DEEPSEEK_V2,
    H100,
    LLAMA_70B,
    LLAMA_405B,
    PRECISIONS,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)

from recommender.layout import Layout
from recommender.performance.memory import memory
from recommender.performance.model_shape import model_shape

GIB = 2**30


def memory_of(model, *layouts):
    """On nodes of H100."""
    return memory(
        model=model, hardware=node(H100), layouts=layouts, engine=VLLM,
        precisions=PRECISIONS, support=SUPPORT, lengths=fixed_lengths(1024, 256),
    )  # fmt: skip


def test_llama_70b_by_hand():
    table = memory_of(LLAMA_70B, Layout("bf16", "bf16", tp=4))
    # 70.552e9 * 2 B / 4 = 32.85 GiB; cache 320 KiB / 4 per token
    assert table.weight_bytes[0] / GIB == pytest.approx(70.552387584e9 * 2 / 4 / GIB)
    assert table.kv_bytes_per_token[0] == 80 * 1024
    free = 0.9 * 80e9 - table.weight_bytes[0] - table.overhead_bytes[0]
    assert table.kv_bytes[0] == pytest.approx(free)
    assert table.kv_tokens[0] == pytest.approx(free / (80 * 1024))


def test_ranks_of_deepseek_v2():
    table = memory_of(
        DEEPSEEK_V2, Layout("fp8", "fp8", tp=8), Layout("fp8", "fp8", tp=1, adp=8, ep=8)
    )
    # experts 59*160*3*5120*1536 = 222.7e9, the rest 11.97e9 at one byte, embeddings 2*0.524e9*2 B
    experts, embeddings = 59 * 160 * 3 * 5120 * 1536, 2 * 102400 * 5120
    rest = model_shape(DEEPSEEK_V2).total_parameters - experts - embeddings
    assert table.weight_bytes[0] == pytest.approx((experts + rest + 2 * embeddings) / 8)
    assert table.weight_bytes[1] == pytest.approx(experts / 8 + rest + 2 * embeddings)
    # the latent is replicated over tp: both need 60 layers * 576 B per token and rank
    assert table.kv_bytes_per_token.tolist() == [34560, 34560]


def test_what_does_not_fit():
    table = memory_of(LLAMA_405B, Layout("bf16", "bf16", tp=4))
    assert table.kv_bytes[0] < 0
    assert table.kv_tokens[0] == 0
