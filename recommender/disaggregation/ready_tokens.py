r"""Whole prompts that get ready while a prefill replica computes so many tokens.

Of a prompt of I tokens with some found in the prefix cache, c are computed, but all I are stored
and move to the decode pool. While X tokens are computed, prompts get ready that hold

    X * E[I]/E[c]  +  z * sqrt(X * E[(I - c*E[I]/E[c])^2] / E[c])       at most X * max(I/c)

tokens: a renewal reward process with its normal limit (Cox 1962, 8.3), cut off at what no order of
these prompts can exceed. Where every prompt has the same share h in the cache the root is 0 and
both terms are X/(1-h); without hits that is X.

Of a normal law z = 4 is exceeded once in 30,000 windows. Few uneven prompts are not normal: where
60 % of lognormal prompts of sigma 1 find 0 to 95 % of themselves, 1 to 2 windows in 1,000 of 2,048
to 8,192 tokens exceed it, by a quarter at once in 3,000. The prompt that was begun before the
window is not in it: its length is counted apart.
"""

import numpy as np

from recommender.performance.step_law import Number
from recommender.workload import Lengths

DEVIATIONS = 4.0
"""z."""


def ready_tokens(computed_tokens: Number, lengths: Lengths) -> Number:
    """Tokens of the prompts that get ready while `computed_tokens` are computed, same shape."""
    if lengths.cached_tokens is None:
        return computed_tokens
    whole = lengths.input_tokens.astype(np.float64)
    computed = lengths.computed_tokens.astype(np.float64)
    each = whole.mean() / computed.mean()
    uneven = float(((whole - each * computed) ** 2).mean()) / float(computed.mean())
    likely = computed_tokens * each + DEVIATIONS * np.sqrt(computed_tokens * uneven)
    return np.asarray(np.minimum(likely, computed_tokens * float((whole / computed).max())))
