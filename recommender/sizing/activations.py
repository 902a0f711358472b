"""Memory beside weights and cache: activations of one step and the engine's runtime.

    activations = max(2 * t * (8*h + 3*i),  s * n * v)

Symbol  Meaning                                                            Unit
t       tokens of one step (the chunk budget)                              tokens
h       hidden width: 8 residual, normalised and projected copies          count
i       widest intermediate of one token on one accelerator: gate, up and
        their product, of the dense layer (I/tp) or of its k experts       count
n, v    sequences sampled at once; vocabulary, gathered on every rank      count
s       bytes of the sampler per sequence and word: 32-bit logits, sorted
        logits and 64-bit indices, 16 in all; 39 until vLLM 0.11           B

Engines free a layer's activations before the next and before sampling, so the peak is that of
one layer or of the sampler. Both coefficients agree with the peaks that vLLM 0.19 prints at
start-up for 20 models on H100 (llm-d-planner, 2026): within 10 %, logits within 5 %. vLLM 0.11
prints 4.76 GiB for a vocabulary of 128,256 and 5.56 to 5.64 for 151,936: 38.4 to 38.9 B.
"""

import numpy as np

from recommender.sizing.number import Number

RESIDUAL_COPIES = 8.0
INTERMEDIATE_COPIES = 3.0
ACTIVATION_BYTES = 2.0
LOGIT_BYTES = 4.0 + 4.0 + 8.0
OLD_LOGIT_BYTES = 39.0
"""Of vLLM until 0.11."""


def activation_bytes(
    *,
    step_tokens: Number,
    hidden: Number,
    widest_intermediate: Number,
    sampled_sequences: Number,
    vocab: Number,
    logit_bytes: Number = LOGIT_BYTES,
) -> Number:
    """Peak activations of one step on one accelerator [B]."""
    per_token = RESIDUAL_COPIES * hidden + INTERMEDIATE_COPIES * widest_intermediate
    layer = step_tokens * per_token * ACTIVATION_BYTES
    return np.maximum(layer, sampled_sequences * vocab * logit_bytes)


def overhead_bytes(*, activation_bytes: Number, runtime_bytes: Number) -> Number:
    """All memory beside weights and cache on one accelerator [B].

    `runtime_bytes`: context, communication buffers and captured graphs of the engine.
    """
    return activation_bytes + runtime_bytes


def usable_bytes(*, memory_bytes: Number, utilisation: Number) -> Number:
    """What the engine claims of an accelerator's memory [B]."""
    return memory_bytes * utilisation


def kv_budget_bytes(
    *, usable_bytes: Number, weight_bytes: Number, overhead_bytes: Number, share: Number = 1.0
) -> Number:
    """What is left for the cache; negative when the weights do not fit [B].

    `share`: what the engine takes of it; TensorRT-LLM claims no share of the whole memory but 0.9
    of what is free (`free_gpu_memory_fraction`).
    """
    return share * (usable_bytes - weight_bytes - overhead_bytes)
