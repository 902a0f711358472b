"""Moments of the token lengths that the step law is linearised around.

Symbol  Meaning                                                               Unit
c       mean context of a decoding sequence at a random step                  tokens
p       mean prompt that a random prompt token belongs to, E[i^2]/E[i]        tokens
r       prompt tokens per output token, E[i]/E[o]                             1

In p and r a prompt is what is computed of it: without the tokens found in a prefix cache.
"""

from dataclasses import dataclass

import numpy as np

from recommender.sizing import concurrency
from recommender.sizing.number import Number
from recommender.workload import Lengths


@dataclass(frozen=True, slots=True)
class Moments:
    """See the module's table; numbers, or one per deployment of shape (n,)."""

    context_tokens: Number
    prompt_tokens: Number
    prompt_per_output: Number


def moments(lengths: Lengths) -> Moments:
    """Moments of a joint distribution of lengths."""
    inputs = lengths.input_tokens.astype(np.float64)
    computed = lengths.computed_tokens.astype(np.float64)
    outputs = lengths.output_tokens.astype(np.float64)
    context = concurrency.mean_context_tokens(
        mean_output_tokens=float(outputs.mean()),
        mean_input_times_output=float((inputs * outputs).mean()),
        mean_output_squared=float((outputs**2).mean()),
    )
    return Moments(
        context_tokens=float(context),
        prompt_tokens=float((computed**2).mean() / computed.mean()),
        prompt_per_output=float(computed.mean() / outputs.mean()),
    )
