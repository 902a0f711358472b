"""Configs of many kinds of model, as they are published: the size is right, or they are refused."""

from typing import Any

import pytest

from catalog import CatalogError
from catalog.model_reader import read_model

GEMMA3_27B: dict[str, Any] = {
    # the published file states no vocabulary
    "model_type": "gemma3",
    "text_config": {
        **{"model_type": "gemma3_text", "hidden_size": 5376, "num_hidden_layers": 62},
        **{"num_attention_heads": 32, "num_key_value_heads": 16, "head_dim": 128},
        **{"intermediate_size": 21504, "sliding_window": 1024},
    },
}
GEMMA3_4B: dict[str, Any] = {
    # ... nor its heads
    "model_type": "gemma3",
    "text_config": {
        **{"model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34},
        **{"intermediate_size": 10240, "sliding_window": 1024},
    },
}
FALCON_7B: dict[str, Any] = {
    **{"model_type": "RefinedWebModel", "hidden_size": 4544, "n_layer": 32, "n_head": 71},
    **{"multi_query": True, "vocab_size": 65024},
}
OPT_30B: dict[str, Any] = {
    **{"model_type": "opt", "hidden_size": 7168, "num_hidden_layers": 48, "vocab_size": 50272},
    **{"num_attention_heads": 56, "ffn_dim": 28672},
}
MPT_30B: dict[str, Any] = {
    **{"model_type": "mpt", "d_model": 7168, "n_heads": 64, "n_layers": 48, "vocab_size": 50432},
    "attn_config": {"attn_type": "multihead_attention", "alibi": True},
}
DBRX: dict[str, Any] = {
    **{"model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40},
    "attn_config": {"kv_n_heads": 8},
    "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4},
    **{"vocab_size": 100352, "tie_word_embeddings": False},
}
CHATGLM3: dict[str, Any] = {
    **{"model_type": "chatglm", "hidden_size": 4096, "num_layers": 28, "num_attention_heads": 32},
    **{"multi_query_attention": True, "multi_query_group_num": 2, "ffn_hidden_size": 13696},
    **{"kv_channels": 128, "padded_vocab_size": 65024, "tie_word_embeddings": False},
}
QWEN_14B: dict[str, Any] = {
    **{"model_type": "qwen", "hidden_size": 5120, "num_hidden_layers": 40, "vocab_size": 152064},
    **{"num_attention_heads": 40, "intermediate_size": 27392, "tie_word_embeddings": False},
}
HUNYUAN_A13B: dict[str, Any] = {
    **{"model_type": "hunyuan_v1_moe", "hidden_size": 4096, "num_hidden_layers": 32},
    **{"num_attention_heads": 32, "num_key_value_heads": 8, "attention_head_dim": 128},
    **{"intermediate_size": 3072, "moe_intermediate_size": [3072] * 32, "num_experts": 64},
    **{"moe_topk": [8] * 32, "num_shared_expert": [1] * 32, "vocab_size": 128167},
    "tie_word_embeddings": True,
}
APERTUS_70B: dict[str, Any] = {
    **{"model_type": "apertus", "hidden_size": 8192, "num_hidden_layers": 80, "vocab_size": 131072},
    **{"num_attention_heads": 64, "num_key_value_heads": 8, "intermediate_size": 43008},
    **{"hidden_act": "xielu", "tie_word_embeddings": False},
}
EXAONE4_32B: dict[str, Any] = {
    **{"model_type": "exaone4", "hidden_size": 5120, "num_hidden_layers": 64, "head_dim": 128},
    **{"num_attention_heads": 40, "num_key_value_heads": 8, "intermediate_size": 27392},
    **{"vocab_size": 102400, "sliding_window": 4096, "sliding_window_pattern": "LLLG"},
    "tie_word_embeddings": False,
}
PLAIN: dict[str, Any] = {
    **{"hidden_size": 2048, "num_hidden_layers": 4, "num_attention_heads": 16},
    **{"intermediate_size": 8192, "vocab_size": 65536},
}


@pytest.mark.parametrize(
    ("config", "total_b", "kv_heads"),
    [
        (GEMMA3_27B, 27.0, 16),
        (GEMMA3_4B, 3.88, 4),
        (FALCON_7B, 6.92, 1),
        (OPT_30B, 29.97, 56),
        (MPT_30B, 29.96, 64),
        (DBRX, 131.6, 8),
        (CHATGLM3, 6.24, 2),
        (QWEN_14B, 14.17, 40),
        (HUNYUAN_A13B, 80.4, 8),
        (APERTUS_70B, 70.6, 8),
        (EXAONE4_32B, 32.0, 8),
    ],
    ids=lambda value: value.get("model_type") if isinstance(value, dict) else None,
)
def test_published_sizes(config: dict[str, Any], total_b: float, kv_heads: int) -> None:
    read = read_model(config, name="x", file="config.json")
    assert read.total_params_b == pytest.approx(total_b, rel=0.005)
    assert read.kv_heads == kv_heads


def test_windows_of_a_pattern() -> None:
    read = read_model(EXAONE4_32B, name="x", file="config.json")
    assert (read.growing_layers, read.windowed_layers) == (16, 48)  # every fourth of 64
    gemma = read_model(GEMMA3_27B, name="x", file="config.json")
    assert (gemma.growing_layers, gemma.windowed_layers) == (10, 52)  # 62 // 6


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({**PLAIN, "model_type": "mamba2", "num_heads": 128}, "no attention layers"),
        ({**PLAIN, "model_type": "lfm2", "layer_types": ["conv", "full_attention"] * 2}, "conv"),
        ({**PLAIN, "model_type": "arctic", "parallel_attn_mlp_res": True}, "beside the experts"),
        ({**PLAIN, "model_type": "longcat_flash", "zero_expert_num": 256}, "compute nothing"),
        ({**PLAIN, "model_type": "mllama", "cross_attention_layers": [3]}, "cross-attention"),
        ({**PLAIN, "model_type": "gemma3n", "hidden_size_per_layer_input": 256}, "per layer"),
        ({"model_type": "llama", **PLAIN, "vocab_size": None}, "column vocab_size: is missing"),
    ],
)
def test_what_would_be_counted_wrong_is_refused(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(CatalogError, match=reason):
        read_model(config, name="x", file="config.json")


def test_blocks_of_falcon_are_parallel_unless_it_says_otherwise():
    """They are by default of its kind; `falcon-rw` states that its are not."""
    assert read_model(FALCON_7B, name="falcon", file="config.json").parallel_blocks
    assert not read_model(
        {**FALCON_7B, "parallel_attn": False}, name="falcon-rw", file="config.json"
    ).parallel_blocks
    newer = {**FALCON_7B, "parallel_attn": False, "new_decoder_architecture": True}
    assert read_model(newer, name="falcon-40b", file="config.json").parallel_blocks
    assert not read_model(QWEN_14B, name="qwen", file="config.json").parallel_blocks
