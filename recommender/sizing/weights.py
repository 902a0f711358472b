"""Weights held by one accelerator of the fullest pipeline stage.

    W = w*A/tp  +  w*X/(tp*adp)  +  w_e*V/tp

Symbol  Meaning                                                                 Unit
A       attention, dense and shared feed-forward, routers of the stage          parameters
X       routed experts of the stage                                             parameters
V       embedding and lm_head of the stage                                      parameters
w, w_e  bytes per parameter; w_e is 2 (16 bits) unless the checkpoint says so   B
tp, adp tensor parallel; attention data parallel                                count
K       key-value heads of a layer                                              count

A is replicated over the adp ranks. Routed experts are cut over all tp*adp accelerators of the
stage, whether by expert parallelism (whole experts) or by tensor parallelism (slices of each):
the bytes are equal. Dividing by ep once more counts the same cut twice.

A key-value head is never split: with tp > K several ranks hold the projections of the same head,
each ceil(K/tp) of K heads (vLLM, `QKVParallelLinear`: num_kv_head_replicas). The tp ranks then
hold c = tp*ceil(K/tp)/K copies of these matrices together, which A counts c times.
"""

import numpy as np

from recommender.sizing.number import Number


def layers_of_fullest_stage(*, layers: Number, pp: Number) -> Number:
    """Layers of the fullest of pp stages: ceil(layers/pp) [count]."""
    return np.ceil(layers / pp)


def embedding_copies_of_fullest_stage(*, pp: Number, tied: bool) -> Number:
    """Matrices of vocab x hidden on the first or last stage [count].

    One stage holds the embedding and lm_head, which are one matrix when tied. With more
    stages the first holds the one and the last the other, tied or not.
    """
    return np.where(pp > 1, 1.0, 1.0 if tied else 2.0)[()]


def key_value_copies(*, kv_heads: Number, tp: Number) -> Number:
    """Copies of the key and value projections that tp ranks hold: tp*ceil(K/tp)/K [count]."""
    return tp * np.ceil(kv_heads / tp) / kv_heads


def weight_bytes_per_accelerator(
    *,
    replicated_parameters: Number,
    expert_parameters: Number,
    embedding_parameters: Number,
    bytes_per_parameter: Number,
    tp: Number,
    adp: Number,
    expert_bytes_per_parameter: Number | None = None,
    embedding_bytes_per_parameter: Number = 2.0,
) -> Number:
    """Weights of one accelerator of a stage with these parameters [B].

    `replicated_parameters` is A of the module's table; `expert_bytes_per_parameter` differs
    from `bytes_per_parameter` in checkpoints that quantise experts only.
    """
    expert_bytes = (
        bytes_per_parameter if expert_bytes_per_parameter is None else expert_bytes_per_parameter
    )
    return (
        bytes_per_parameter * replicated_parameters / tp
        + expert_bytes * expert_parameters / (tp * adp)
        + embedding_bytes_per_parameter * embedding_parameters / tp
    )
