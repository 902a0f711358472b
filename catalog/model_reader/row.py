"""From the settings of a config to the columns of a LanguageModel."""

from typing import Any

from catalog.errors import CatalogError
from catalog.model_reader.attention import Attention, attention, head_dim
from catalog.model_reader.config import Config
from catalog.model_reader.layer_kinds import LayerKinds
from catalog.model_reader.nas import blocks
from catalog.model_reader.state_layers import state_layer
from catalog.parameters import MILLION

_PLAIN_FFN = (
    *("gpt2", "gpt_neox", "gptj", "gpt_bigcode", "opt", "mpt", "bloom", "falcon", "codegen"),
    *("starcoder2", "phi", "nemotron", "nemotron_h", "gpt_neo"),
)
"""Model types whose feed-forward block has two matrices."""
_PLAIN_ACTIVATIONS = ("relu2", "xielu")
"""Activations of blocks without a gate: two matrices, whatever the model type."""
_TIED = (
    *("gemma", "gemma2", "gemma3", "gemma3_text", "gpt2", "falcon", "starcoder2"),
    *("cohere", "cohere2", "bloom", "opt", "mpt", "gpt_bigcode", "gpt_neo"),
)
"""Model types that tie embeddings unless the config says otherwise."""


def model_row(config: Config, kinds: LayerKinds, file: str) -> dict[str, Any]:
    """Columns of a model, without its name and number format."""
    special = attention(config, kinds)
    row: dict[str, Any] = {
        "architecture": (config.architectures or [config.mlp_class_name or "unknown"])[0],
        "layers": kinds.layers,
        "hidden": config.hidden_size,
        "heads": config.heads,
        "head_dim": _query_width(config),
        "vocab": config.vocab_size,
        "ffn_matrices": _ffn_matrices(config),
        "max_context": config.max_context,
        "tied_embeddings": _tied(config),
        "source": file,
        "verification": "read",
        "parallel_blocks": _parallel_blocks(config),
        **_attention_fields(config, kinds, special),
        **_feed_forward(config, kinds),
    }
    if config.block_configs:
        summed = blocks(config)
        row.update(
            growing_layers=summed.attention_layers,
            kv_heads=summed.kv_heads,
            attention="GQA",
            attention_params_m=summed.attention_parameters / MILLION,
            ffn_params_m=summed.ffn_parameters / MILLION,
        )
    state = state_layer(config)
    if kinds.state and state is None:
        raise CatalogError("has state layers of a kind that is not known", file=file)
    if state is not None and kinds.state:
        row["state_layers"] = kinds.state
        row["state_params_m"] = kinds.state * state.parameters / MILLION
        row["state_bytes_per_sequence"] = kinds.state * state.bytes_per_sequence
    return row


def _attention_fields(config: Config, kinds: LayerKinds, special: Attention) -> dict[str, Any]:
    kv_heads = config.kv_heads or (1 if config.multi_query else config.heads)
    fields: dict[str, Any] = {
        "attention": _attention_kind(config, kv_heads),
        "kv_heads": kv_heads,
        "growing_layers": _or(special.growing_layers, kinds.growing),
        "windowed_layers": _or(special.windowed_layers, kinds.windowed),
        "kv_bytes_per_token_growing": special.growing_bytes_per_token,
        "kv_bytes_per_token_windowed": special.windowed_bytes_per_token,
    }
    if fields["windowed_layers"]:
        fields["sliding_window"] = config.sliding_window
    if special.parameters is not None:
        fields["attention_params_m"] = special.parameters / MILLION
    if config.kv_lora_rank:
        fields.update(
            q_lora_rank=config.q_lora_rank or 0,
            kv_lora_rank=config.kv_lora_rank,
            qk_nope_head_dim=config.qk_nope_head_dim or 0,
            qk_rope_head_dim=config.qk_rope_head_dim or 0,
            v_head_dim=config.v_head_dim or 0,
        )
    return fields


def _feed_forward(config: Config, kinds: LayerKinds) -> dict[str, Any]:
    width = config.intermediate_size or 4 * config.hidden_size
    if not kinds.experts:
        if config.block_configs:
            width = config.intermediate_size or 0
        return {"intermediate": width, "ffn_layers": kinds.dense if kinds.state else None}
    expert = config.expert_intermediate or config.intermediate_size or 0
    shared = config.shared_experts or (1 if config.shared_intermediate else 0)
    llama4 = config.model_type.startswith("llama4")
    if llama4:
        shared = 1  # one shared expert of the routed width, not stated in the config
    shared_width = config.shared_intermediate
    return {
        "intermediate": config.dense_intermediate or (width if kinds.dense else 0),
        "routed_experts": config.routed_experts,
        "experts_per_token": config.experts_per_token or 1,
        "expert_intermediate": expert,
        "shared_experts": shared if shared_width != 0 else 0,
        "shared_expert_intermediate": shared * expert if shared_width is None else shared_width,
        "expert_hidden": config.expert_hidden or 0,
        **_which_layers(kinds),
    }


def _which_layers(kinds: LayerKinds) -> dict[str, Any]:
    """`dense_layers` says it all when experts fill every layer after the leading dense ones."""
    if kinds.experts == kinds.layers - kinds.leading and kinds.dense == kinds.leading:
        return {"dense_layers": kinds.leading}
    return {"moe_layers": kinds.experts, "ffn_layers": kinds.dense}


def _attention_kind(config: Config, kv_heads: int) -> str:
    if config.kv_lora_rank:
        return "MLA"
    if kv_heads == 1:
        return "MQA"
    return "MHA" if kv_heads == config.heads else "GQA"


def _query_width(config: Config) -> int:
    if config.kv_lora_rank:
        return (config.qk_nope_head_dim or 0) + (config.qk_rope_head_dim or 0)
    return head_dim(config)


def _ffn_matrices(config: Config) -> int:
    if config.mlp_class_name:  # litgpt
        return 2 if config.mlp_class_name == "GptNeoxMLP" else 3
    plain = config.model_type in _PLAIN_FFN or config.hidden_act in _PLAIN_ACTIVATIONS
    return 2 if plain else 3


def _parallel_blocks(config: Config) -> bool:
    """Falcon, whose engines reduce once per layer; those of other parallel models reduce twice."""
    stated = config.parallel_attention in (None, True) or config.new_decoder_architecture
    return config.model_type == "falcon" and bool(stated)


def _tied(config: Config) -> bool:
    return config.model_type in _TIED if config.tied is None else config.tied


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
