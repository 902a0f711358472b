"""Key-value cache: bytes per token and per sequence, on one accelerator.

    per token and layer   MHA, MQA, GQA   2 * ceil(n_kv/tp) * d * beta
                          MLA             (c + d_r) * beta
    per sequence          s * [L_g*s_tokens + L_w*min(s_tokens, w)] + state

Symbol    Meaning                                                            Unit
n_kv, d   key-value heads, head width                                        count
c, d_r    latent rank, width of the rotary key                               count
beta      bytes per element                                                  B
L_g, L_w  layers whose cache grows with the context; with a sliding window w count
tp        tensor parallel: a head is never split, so tp > n_kv replicates it count

The latent of MLA is shared by all heads: every tp rank holds all of it, and only attention
data parallelism divides it. The cache is linear in the context, never quadratic.
"""

import numpy as np

from recommender.sizing.number import Number


def kv_bytes_per_token_layer(
    *, kv_heads: Number, head_dim: Number, bytes_per_element: Number, tp: Number
) -> Number:
    """Cache of one token in one layer on one of tp accelerators, MHA/MQA/GQA [B]."""
    return 2 * np.ceil(kv_heads / tp) * head_dim * bytes_per_element


def latent_kv_bytes_per_token_layer(
    *, kv_lora_rank: Number, rope_head_dim: Number, bytes_per_element: Number
) -> Number:
    """Cache of one token in one layer on every tp rank, MLA [B]."""
    return (kv_lora_rank + rope_head_dim) * bytes_per_element


def kv_bytes_per_sequence(
    *,
    context_tokens: Number,
    bytes_per_token_layer: Number,
    growing_layers: Number,
    windowed_layers: Number = 0.0,
    window_tokens: Number = 0.0,
    state_bytes: Number = 0.0,
) -> Number:
    """Cache and recurrent state of one sequence on one accelerator [B]."""
    cached = growing_layers * context_tokens + windowed_layers * np.minimum(
        context_tokens, window_tokens
    )
    return bytes_per_token_layer * cached + state_bytes


def kv_token_capacity(
    *, free_bytes: Number, bytes_per_sequence: Number, context_tokens: Number
) -> Number:
    """Tokens that fit into the cache when sequences have this mean context [tokens].

    With a sliding window a token of a long sequence costs less than one of a short one, so the
    capacity depends on the context it is measured at.
    """
    return np.maximum(free_bytes, 0.0) * context_tokens / bytes_per_sequence
