"""The fields of a model's config that matter here, under all the names they go by.

Unknown fields are ignored: a config has dozens that say nothing about size.
"""

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field


def _first(value: Any) -> Any:
    """Per-layer lists of one repeated number mean that number."""
    if isinstance(value, list) and value and all(item == value[0] for item in value):
        return value[0]
    return value


Size = Annotated[int, BeforeValidator(_first), Field(ge=1)]
Optional = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_first)]


def _names(*names: str) -> Any:
    return Field(default=None, validation_alias=AliasChoices(*names))


class Config(BaseModel):
    """Sizes as the config states them; None where it does not."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model_type: str = ""
    architectures: list[str] | None = None
    hidden_size: Size = Field(
        validation_alias=AliasChoices("hidden_size", "n_embd", "d_model", "model_dim")
    )
    layers: Optional = _names("num_hidden_layers", "n_layer", "n_layers", "num_layers")
    heads: Size = Field(
        validation_alias=AliasChoices("num_attention_heads", "n_head", "n_heads", "num_heads")
    )
    vocab_size: Size = Field(validation_alias=AliasChoices("padded_vocab_size", "vocab_size"))
    kv_heads: Optional = _names(
        "num_key_value_heads", "num_kv_heads", "n_query_groups", "n_head_kv"
    )
    head_dim: Optional = _names("head_dim", "attention_head_dim", "head_size", "kv_channels")
    intermediate_size: Optional = _names(
        "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"
    )
    max_context: Optional = _names(
        "max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "block_size"
    )
    tied: bool | None = _names("tie_word_embeddings", "tie_embeddings")
    dtype: str | None = _names("torch_dtype", "dtype")

    routed_experts: Optional = _names(
        "n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts", "n_expert"
    )
    experts_per_token: Optional = _names(
        "num_experts_per_tok",
        "num_experts_per_token",
        "experts_per_token",
        "top_k_experts",
        "moe_topk",
        "n_expert_per_token",
    )
    shared_experts: Optional = _names(
        "n_shared_experts", "num_shared_experts", "n_shared_expert", "num_shared_expert"
    )
    expert_intermediate: Optional = _names("moe_intermediate_size", "expert_ffn_hidden_size")
    shared_intermediate: Optional = _names(
        "shared_expert_intermediate_size",
        "moe_shared_expert_intermediate_size",
        "shared_intermediate_size",
        "share_expert_dim",
    )
    dense_intermediate: Optional = _names("dense_intermediate_size", "intermediate_size_mlp")
    expert_hidden: Optional = _names("moe_latent_size", "routed_expert_hidden_size")
    first_dense: Optional = _names("first_k_dense_replace", "moe_layer_start_index")
    moe_layer_freq: int | list[int] | None = None
    moe_step: Optional = _names("interleave_moe_layer_step", "decoder_sparse_step")
    mlp_only_layers: list[int] | None = None
    enable_moe_block: bool | None = None

    q_lora_rank: Optional = None
    kv_lora_rank: Optional = None
    qk_nope_head_dim: Optional = None
    qk_rope_head_dim: Optional = None
    v_head_dim: Optional = None
    o_lora_rank: Optional = None
    o_groups: Optional = None
    index_n_heads: Optional = None
    index_head_dim: Optional = None
    compress_ratios: list[int] | None = None
    output_gate: bool | None = _names("attn_output_gate", "mla_use_output_gate")

    sliding_window: Optional = _names(
        "sliding_window", "attention_chunk_size", "sliding_window_size"
    )
    use_sliding_window: bool | None = None
    max_window_layers: Optional = None
    sliding_window_pattern: Optional = None
    layer_types: list[str] | None = _names("layer_types", "layers_block_type")
    hybrid_layer_pattern: list[int] | None = _names(
        "hybrid_layer_pattern", "sliding_window_indices"
    )
    hybrid_override_pattern: str | None = None
    full_attention_interval: Optional = None
    windowed_kv_heads: Optional = _names("swa_num_key_value_heads")
    growing_kv_heads: Optional = _names("num_global_key_value_heads")
    growing_head_dim: Optional = _names("global_head_dim")
    shared_kv: bool | None = _names("attention_k_eq_v")
    multi_query: bool | None = None
    parallel_attention: bool | None = _names("parallel_attn")
    new_decoder_architecture: bool | None = None

    mamba_num_heads: Optional = None
    mamba_head_dim: Optional = None
    ssm_state_size: Optional = None
    n_groups: Optional = None
    conv_kernel: Optional = _names("conv_kernel", "linear_conv_kernel_dim")
    linear_num_key_heads: Optional = None
    linear_key_head_dim: Optional = None
    linear_num_value_heads: Optional = None
    linear_value_head_dim: Optional = None
    linear_attn_config: dict[str, Any] | None = None
    block_configs: list[dict[str, Any]] | None = None
    mlp_class_name: str | None = None
    hidden_act: str | None = None
    quantization_config: dict[str, Any] | None = None
    expert_dtype: str | None = None
    """Format of routed experts where it differs from the rest (DeepSeek-V4)."""
    is_encoder_decoder: bool = False
