"""Work of attention for one pair (query token, context token), all heads of a rank, one layer.

    MHA, MQA, GQA             2*d*2 * n_q/tp              scores and weighted values
    MLA, prefill (expanded)   2 * (d_n + d_r + d_v) * n_q/tp
    MLA, decode (absorbed)    2 * (2*c + d_r) * n_q/tp    in the latent space, no expansion

Symbol         Meaning                                                    Unit
n_q, d         query heads, head width                                    count
d_n, d_r, d_v  head widths without and with rotary position, of the value count
c              rank of the latent                                         count

Grouped queries share keys and values: they cut bytes, not FLOP. Absorbing the up-projections
makes decode of MLA read only the latent, at 2c + d_r instead of d_n + d_r + d_v per pair.
Source: DeepSeek-V2, arXiv 2405.04434, section 2.1.
"""

from recommender.sizing.number import Number


def attention_flop_per_pair(*, heads: Number, head_dim: Number, tp: Number) -> Number:
    """MHA, MQA and GQA, prefill and decode [FLOP]."""
    return 4 * head_dim * heads / tp


def expanded_latent_flop_per_pair(
    *,
    heads: Number,
    nope_head_dim: Number,
    rope_head_dim: Number,
    value_head_dim: Number,
    tp: Number,
) -> Number:
    """MLA with keys and values expanded, as in prefill [FLOP]."""
    return 2 * (nope_head_dim + rope_head_dim + value_head_dim) * heads / tp


def absorbed_latent_flop_per_pair(
    *, heads: Number, kv_lora_rank: Number, rope_head_dim: Number, tp: Number
) -> Number:
    """MLA in the latent space, as in decode [FLOP]."""
    return 2 * (2 * kv_lora_rank + rope_head_dim) * heads / tp
