"""Hand-written catalogue rows, so that tests of performance depend on no data file."""

import numpy as np

from catalog.schema import Accelerator, Engine, LanguageModel, Precision, Support
from recommender.hardware import Hardware
from recommender.performance.constants import Constants
from recommender.workload import Lengths

SOURCE = "test"


def accelerator(name, architecture, memory_gb, bandwidth, bf16, fp8, link=450.0, domain=8, **more):
    return Accelerator(
        name=name, vendor="NVIDIA", architecture=architecture, form="SXM", memory_gb=memory_gb,
        memory_bandwidth_gb_per_s=bandwidth, bf16_tflops=bf16, fp8_tflops=fp8, link_gb_per_s=link,
        scale_up_domain=domain, accelerators_per_node=8, source=SOURCE, **more,
    )  # fmt: skip


H100 = accelerator("H100 80GB SXM5", "Hopper", 80, 3350, 989.4, 1978.9)
H200 = accelerator("H200 141GB SXM5", "Hopper", 141, 4800, 989.4, 1978.9)
B200 = accelerator("B200 180GB SXM", "Blackwell", 180, 8000, 2250, 4500, link=900.0)

DEEPSEEK_V2 = LanguageModel(
    id="deepseek-v2", family="deepseek-v2", architecture="DeepseekV2ForCausalLM", attention="MLA",
    layers=60, hidden=5120, heads=128, kv_heads=128, head_dim=128, intermediate=12288,
    vocab=102400, routed_experts=160, shared_experts=2, experts_per_token=6,
    expert_intermediate=1536, shared_expert_intermediate=3072, dense_layers=1,
    q_lora_rank=1536, kv_lora_rank=512, qk_nope_head_dim=128, qk_rope_head_dim=64, v_head_dim=128,
    native_dtype="bfloat16", native_precision="bf16", total_params_b=235.74,
    active_params_b=21.38, source=SOURCE,
)  # fmt: skip
DEEPSEEK_V3 = DEEPSEEK_V2.model_copy(
    update=dict(
        id="deepseek-v3", family="deepseek-v3", layers=61, hidden=7168, intermediate=18432,
        vocab=129280, routed_experts=256, shared_experts=1, experts_per_token=8,
        expert_intermediate=2048, shared_expert_intermediate=2048, dense_layers=3,
        total_params_b=671.03, active_params_b=37.55,
    )
)  # fmt: skip
LLAMA_70B = LanguageModel(
    id="llama-3.1-70b", family="llama-3.1", architecture="LlamaForCausalLM", attention="GQA",
    layers=80, hidden=8192, heads=64, kv_heads=8, head_dim=128, intermediate=28672, vocab=128256,
    native_dtype="bfloat16", native_precision="bf16", total_params_b=70.55, active_params_b=70.55,
    source=SOURCE,
)  # fmt: skip
LLAMA_405B = LLAMA_70B.model_copy(
    update=dict(
        id="llama-3.1-405b", layers=126, hidden=16384, heads=128, intermediate=53248,
        total_params_b=405.85, active_params_b=405.85,
    )
)  # fmt: skip
QWEN3_235B = LanguageModel(
    id="qwen3-235b", family="qwen3", architecture="Qwen3MoeForCausalLM", attention="GQA",
    layers=94, hidden=4096, heads=64, kv_heads=4, head_dim=128, intermediate=12288, vocab=151936,
    routed_experts=128, experts_per_token=8, expert_intermediate=1536, native_dtype="bfloat16",
    native_precision="bf16", total_params_b=235.09, active_params_b=22.19, source=SOURCE,
)  # fmt: skip
VLLM = Engine(
    name="vllm", version="0.11", scheduler="chunked", memory_utilisation=0.9, non_torch_gib=2.0,
    frontend_s=0.04, source=SOURCE,
)  # fmt: skip
PRECISIONS = {
    "bf16": Precision(name="bf16", weight_bits=16, activation_bits=16, source=SOURCE),
    "fp8": Precision(name="fp8", weight_bits=8, activation_bits=8, source=SOURCE),
    "int4": Precision(name="int4", weight_bits=4.125, activation_bits=16, block=128, source=SOURCE),
}
SUPPORT = {
    name: Support(
        engine="vllm", architecture="Hopper", precision=name, mode=mode,
        compute_format=compute, source=SOURCE,
    )
    for name, mode, compute in (
        ("bf16", "native", "bf16"), ("fp8", "native", "fp8"), ("int4", "weight_only", "bf16"),
    )
}  # fmt: skip


PROTOTYPE = {
    "dense": Constants(
        bandwidth_share=0.8271, compute_share=0.6086, eight_bit_share=1.0, four_bit_share=1.0,
        expert_bandwidth_share=0.7, expert_compute_share=0.35, tile_tokens=0.0,
        kv_bandwidth_share=0.9629, attention_compute_share=0.35, decode_attention_share=0.35,
        layer_s=1.517e-5,
        expert_layer_s=2.5e-5, step_s=7.775e-4, sequence_s=8.528e-6, collective_scale=1.426,
        exchange_scale=1.426,
        sharpness=2.2,
    ),
    "moe": Constants(
        bandwidth_share=0.5705, compute_share=0.45, eight_bit_share=1.0, four_bit_share=1.0,
        expert_bandwidth_share=0.9263, expert_compute_share=0.15, tile_tokens=0.0,
        kv_bandwidth_share=0.979, attention_compute_share=0.5163, decode_attention_share=0.5163,
        layer_s=2.422e-5,
        expert_layer_s=3.055e-5, step_s=2.672e-4, sequence_s=1.142e-6, collective_scale=2.112,
        exchange_scale=2.112,
        sharpness=2.2,
    ),
}  # fmt: skip
"""Constants of the prototype that the published idle latencies were computed with."""


def node(row, *, network=400.0, accelerators=8):
    """Hardware of a node of this accelerator."""
    return Hardware(row, node_accelerators=accelerators, network_gb_per_s=network)


def fixed_lengths(isl, osl):
    return Lengths(np.array([isl]), np.array([osl]))
