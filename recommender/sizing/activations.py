"""Memory beside weights and cache: activations of one step and the engine's runtime.

    activations = t * (r*h + 2*i) * 2  +  n * v * (2 + 4)

Symbol  Meaning                                                            Unit
t       tokens of one step (the chunk budget)                              tokens
h       hidden width; r = 4 residual, normalised and projected copies      count
i       widest intermediate of one token on one accelerator: gate and up
        of the dense layer (I/tp), or of the k experts of a token          count
n, v    sequences sampled at once, vocabulary/tp: 16-bit logits and their
        32-bit copy in the sampler                                         count

Engines free a layer's activations before the next, so the peak is that of one layer.
Source: derived from the tensors alive in a gated layer.
"""

from recommender.sizing.number import Number

RESIDUAL_COPIES = 4.0
ACTIVATION_BYTES = 2.0
LOGIT_BYTES = 2.0 + 4.0


def activation_bytes(
    *,
    step_tokens: Number,
    hidden: Number,
    widest_intermediate: Number,
    sampled_sequences: Number,
    vocab_per_accelerator: Number,
) -> Number:
    """Peak activations of one step on one accelerator [B]."""
    per_token = (RESIDUAL_COPIES * hidden + 2 * widest_intermediate) * ACTIVATION_BYTES
    return step_tokens * per_token + sampled_sequences * vocab_per_accelerator * LOGIT_BYTES


def overhead_bytes(*, activation_bytes: Number, runtime_bytes: Number) -> Number:
    """All memory beside weights and cache on one accelerator [B].

    `runtime_bytes`: context, communication buffers and captured graphs of the engine.
    """
    return activation_bytes + runtime_bytes


def usable_bytes(*, memory_bytes: Number, utilisation: Number) -> Number:
    """What the engine claims of an accelerator's memory [B]."""
    return memory_bytes * utilisation


def kv_budget_bytes(
    *, usable_bytes: Number, weight_bytes: Number, overhead_bytes: Number
) -> Number:
    """What is left for the cache; negative when the weights do not fit [B]."""
    return usable_bytes - weight_bytes - overhead_bytes
