"""Every reason to refuse a layout, with its number."""

import numpy as np
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
)  # fmt: skip

from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.memory import memory
from recommender.performance.validity import memory_refusal, validity


def check(model, layout, *, hardware=None, engine=VLLM, support="same"):
    return validity(
        model=model, layout=layout, hardware=hardware or node(H100), engine=engine,
        precision=PRECISIONS[layout.precision],
        support=SUPPORT[layout.precision] if support == "same" else support,
    )  # fmt: skip


@pytest.mark.parametrize(
    "layout",
    [
        Layout("fp8", "fp8", tp=8), Layout("fp8", "fp8", tp=8, ep=8),
        Layout("fp8", "fp8", tp=2, adp=4, ep=8), Layout("fp8", "fp8", tp=8, pp=2),
    ],
)  # fmt: skip
def test_valid_layouts(layout):
    assert check(DEEPSEEK_V2, layout) is None


@pytest.mark.parametrize(
    ("model", "layout", "reason", "number"),
    [
        (LLAMA_70B, Layout("fp8", "fp8", tp=3), "heads", "64 heads"),
        (
            LLAMA_70B.model_copy(update={"intermediate": 28670}),
            Layout("fp8", "fp8", tp=4),
            "width",
            "feed-forward width 28670 is not divisible by 4",
        ),
        (LLAMA_70B, Layout("fp8", "fp8", tp=2, ep=2), "expert parallel", "ep 2"),
        (DEEPSEEK_V2, Layout("fp8", "fp8", tp=4, ep=2), "expert parallel", "ep 2"),
        (LLAMA_70B, Layout("fp8", "fp8", adp=2), "attention data parallel", "adp 2"),
        (LLAMA_70B, Layout("fp8", "fp8", pp=81), "layers", "80 layers < pp 81"),
        (LLAMA_70B, Layout("fp8", "fp8", tp=16), "tensor parallel", "tp 16 > 8"),
        (
            DEEPSEEK_V2,
            Layout("int4", "fp8", tp=8),
            "quantisation block",
            "expert width 1536 / 8 = 192",
        ),
    ],
)
def test_refusals(model, layout, reason, number):
    refusal = check(model, layout)
    assert refusal is not None
    assert refusal.reason == reason
    assert number in refusal.detail


def test_blocks_are_not_cut_by_expert_parallelism():
    assert check(DEEPSEEK_V2, Layout("int4", "fp8", tp=8, ep=8)) is None


def test_experts_must_divide():
    odd = DEEPSEEK_V2.model_copy(update={"routed_experts": 162})
    refusal = check(odd, Layout("fp8", "fp8", tp=8, ep=8))
    assert refusal is not None
    assert refusal.reason == "experts"


def test_key_value_heads_and_tensor_parallel_must_divide_one_another():
    model = LLAMA_70B.model_copy(update={"heads": 48, "kv_heads": 6, "intermediate": 12288})
    refusal = check(model, Layout("fp8", "fp8", tp=4))
    assert refusal is not None
    assert "6 key-value heads" in refusal.detail
    assert check(model, Layout("fp8", "fp8", tp=3)) is None


def test_unsupported_precision_and_engine():
    layout = Layout("fp8", "fp8", tp=8)
    assert check(DEEPSEEK_V2, layout, support=None).reason == "precision"
    simple = VLLM.model_copy(
        update={
            "expert_parallel": False,
            "pipeline_parallel": False,
            "attention_data_parallel": False,
        }
    )
    for settings, reason in (
        ({"tp": 8, "ep": 8}, "expert parallel"), ({"pp": 2}, "pipeline"),
        ({"adp": 2}, "attention data parallel"),
    ):  # fmt: skip
        refusal = check(DEEPSEEK_V2, Layout("fp8", "fp8", **settings), engine=simple)
        assert refusal.reason == reason


def test_a_peak_that_the_catalogue_does_not_hold():
    bare = node(H100.model_copy(update={"fp8_tflops": None}))
    refusal = check(DEEPSEEK_V2, Layout("fp8", "fp8", tp=8), hardware=bare)
    assert refusal.reason == "peak"


def test_spanning_nodes_needs_a_network():
    spanning = Layout("fp8", "fp8", tp=8, pp=2)
    assert check(DEEPSEEK_V2, spanning) is None
    unknown = Hardware(H100, node_accelerators=8, network_gb_per_s=None)
    assert check(DEEPSEEK_V2, spanning, hardware=unknown).reason == "network"


def test_an_engine_that_takes_a_share_of_what_is_free():
    """A share of all: 0.9*M - W - O. Of what is free: 0.9*(M - W - O), more by 0.1*(W + O)."""
    of_free = VLLM.model_copy(update={"utilisation_of": "free"})
    common = {
        "model": LLAMA_70B, "hardware": node(H100), "precisions": PRECISIONS, "support": SUPPORT,
        "lengths": fixed_lengths(1024, 256), "layouts": [Layout("fp8", "fp8", tp=2)],
    }  # fmt: skip
    usual, larger = memory(engine=VLLM, **common), memory(engine=of_free, **common)
    held = usual.weight_bytes + usual.overhead_bytes
    assert larger.kv_bytes - usual.kv_bytes == pytest.approx(0.1 * held)
    assert larger.kv_bytes == pytest.approx(0.9 * (H100.memory_bytes - held))
    assert larger.usable_bytes == H100.memory_bytes


def test_memory_refusal_names_its_numbers():
    table = memory(
        model=LLAMA_405B, hardware=node(H100), engine=VLLM, precisions=PRECISIONS,
        support=SUPPORT, lengths=fixed_lengths(1024, 256),
        layouts=[Layout("bf16", "bf16", tp=8), Layout("int4", "fp8", tp=8)],
    )  # fmt: skip
    refusal = memory_refusal(table, 0)
    assert refusal is not None
    # 403.748e9 * 2 B / 8 + 2.101e9 * 2 B / 8 = 94.5 GiB; 0.9 * 80e9 B = 67.1 GiB
    assert refusal.detail == "weights 94.5 GiB > 67.1 GiB usable"
    assert memory_refusal(table, 1) is None
    assert np.all(table.kv_bytes[1] > 0)
