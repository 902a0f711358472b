"""Work of a prompt.

    linear     2 * p * t                        every token passes every active parameter
    attention  f * t * ctx                      f: FLOP per pair of tokens, all layers
    ctx        t/2                              mean context of a causal prompt of t tokens
               w - w^2/(2t)  when t > w         in layers with a sliding window w

Symbol  Meaning                                              Unit
p       active parameters without embedding                  count
t       prompt tokens                                        tokens
"""

import numpy as np

from recommender.sizing.number import Number

FLOP_PER_PARAMETER = 2.0


def linear_flop(*, active_parameters: Number, tokens: Number) -> Number:
    """Multiply-adds of tokens with active parameters [FLOP]."""
    return FLOP_PER_PARAMETER * active_parameters * tokens


def causal_context_tokens(*, prompt_tokens: Number) -> Number:
    """Mean context that a prompt token attends to [tokens]."""
    return prompt_tokens / 2


def windowed_context_tokens(*, prompt_tokens: Number, window_tokens: Number) -> Number:
    """Mean context that a prompt token attends to within a sliding window [tokens]."""
    window = np.minimum(prompt_tokens, window_tokens)
    return window - window**2 / (2 * prompt_tokens)
