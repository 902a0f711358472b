"""16-bit KV cache of one more token of a long context.

    MHA, MQA, GQA   L_g * 2 * K * d * 2 bytes         K heads of width d, keys and values
    MLA             L_g * (c + r) * 2 bytes           c = kv_lora_rank, r = qk_rope_head_dim

L_g layers whose cache grows with the whole context: a windowed layer's cache is bounded, a state
layer has none. Where layers differ the row states the sum (`kv_bytes_per_token_growing`).
"""

from catalog.schema import LanguageModel

BYTES_16_BIT = 2


def kv_bytes_per_token(model: LanguageModel) -> float:
    """Cache of the whole model for one token [B]."""
    if model.kv_bytes_per_token_growing is not None:
        return model.kv_bytes_per_token_growing
    layers = model.layers - model.state_layers
    if model.growing_layers is not None:
        layers = model.growing_layers
    if model.attention == "MLA":
        return float(layers * (model.kv_lora_rank + model.qk_rope_head_dim) * BYTES_16_BIT)
    return float(layers * 2 * model.kv_heads * model.head_dim * BYTES_16_BIT)


def kv_bytes_per_token_in_window(model: LanguageModel) -> float:
    """Cache of the windowed layers for one token, as long as it lies in their window [B]."""
    if model.kv_bytes_per_token_windowed is not None:
        return model.kv_bytes_per_token_windowed
    return float(model.windowed_layers * 2 * model.kv_heads * model.head_dim * BYTES_16_BIT)
