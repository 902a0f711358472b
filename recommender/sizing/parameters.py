"""Parameters of the blocks of a transformer.

    attention (MHA, GQA)  h * d * (2*n_q + 2*n_kv)                   q and output, k and v
    attention (MLA)       h*q + q*n_q*(d_n + d_r)                    query, low rank
                          + h*(c + d_r) + c*n_q*(d_n + d_v)          key and value, latent
                          + n_q*d_v*h                                output
    feed forward, gated   3 * h * I                                  gate, up, down
    router                h * E
    embedding             V * h                                      lm_head as well, unless tied

Symbol   Meaning                                             Unit
h        hidden width                                        count
n_q/n_kv query heads, key and value heads                    count
d        head width (d_n without, d_r with rotary position; d_v of the value)
c, q     ranks of the latent of keys and values, of queries  count
I        width of the feed-forward layer, or of one expert   count
E, V     routed experts, vocabulary                          count

Sources: Vaswani et al. 2017; Shazeer 2020 (gated); DeepSeek-V2, arXiv 2405.04434 (MLA).
Norms and biases (below 0.1 %) are left out.
"""

from recommender.sizing.number import Number

GATED_MATRICES = 3
PLAIN_MATRICES = 2


def attention_parameters(
    *, hidden: Number, heads: Number, kv_heads: Number, head_dim: Number
) -> Number:
    """Parameters of one layer of multi-head, multi-query or grouped-query attention [count]."""
    return hidden * head_dim * (2 * heads + 2 * kv_heads)


def latent_attention_parameters(
    *,
    hidden: Number,
    heads: Number,
    q_lora_rank: Number,
    kv_lora_rank: Number,
    nope_head_dim: Number,
    rope_head_dim: Number,
    value_head_dim: Number,
) -> Number:
    """Parameters of one layer of multi-head latent attention [count].

    `q_lora_rank` 0 means that queries are not compressed.
    """
    query_width = heads * (nope_head_dim + rope_head_dim)
    compressed = (q_lora_rank > 0) * q_lora_rank * (hidden + query_width)
    direct = (q_lora_rank == 0) * hidden * query_width
    latent = hidden * (kv_lora_rank + rope_head_dim)
    expanded = kv_lora_rank * heads * (nope_head_dim + value_head_dim)
    return compressed + direct + latent + expanded + heads * value_head_dim * hidden


def feed_forward_parameters(
    *, hidden: Number, intermediate: Number, matrices: Number = GATED_MATRICES
) -> Number:
    """Parameters of one feed-forward layer, or of one expert [count]."""
    return matrices * hidden * intermediate


def router_parameters(*, hidden: Number, experts: Number) -> Number:
    """Parameters of the router of one layer [count]."""
    return hidden * experts


def embedding_parameters(*, hidden: Number, vocab: Number) -> Number:
    """Parameters of the token embedding, or of lm_head [count]."""
    return hidden * vocab
