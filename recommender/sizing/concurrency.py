"""How many sequences are in a batch, and how long their contexts are.

A decoding sequence with prompt i and output o holds i+1, ..., i+o tokens over its life, each for
one step. Seen at a random step (size-biased by o):

    context c = E[i*o]/E[o] + E[o^2]/(2*E[o])
    sequences  n = min(N, K/c)

Symbol  Meaning                                    Unit
i, o    prompt and output tokens of a request      tokens
N       most sequences in a batch                  count
K       capacity of the cache                      tokens
"""

import numpy as np

from recommender.sizing.number import Number


def mean_context_tokens(
    *,
    mean_output_tokens: Number,
    mean_input_times_output: Number,
    mean_output_squared: Number,
) -> Number:
    """Mean context of a decoding sequence at a random step [tokens]."""
    return (mean_input_times_output + mean_output_squared / 2) / mean_output_tokens


def concurrent_sequences(
    *, max_batch: Number, kv_tokens: Number, mean_context_tokens: Number
) -> Number:
    """Sequences that decode together: batch limit or cache, whichever is less [count]."""
    return np.minimum(max_batch, kv_tokens / mean_context_tokens)
