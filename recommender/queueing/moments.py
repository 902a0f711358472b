"""What the formulas need to know of a length distribution, computed once.

Symbol    Meaning                                                              Unit
I         prompt length; of prefill the part that is computed (prefix hits)    tokens
O         output length                                                        tokens
A         mean tokens that a sequence gains per step; 1 without speculation    tokens
D         decode steps of a request, O - 1: the prefill gives the first token; count
          random with speculation (`draft_gains`)
E[I^k]    moments of the prompt, k = 1..6: the prefill time d*I + q*I^2/2 has  tokens^k
          a polynomial in I as its first three moments
ctx       mean context of a decoding sequence, weighted by how long it stays   tokens
          (size-biased):  E[D*I + A*D*(D+1)/2] / E[D], every step counted with A
hold      mean KV reservation of a resident request: E[D'*(I+O)] / E[D'],      tokens
          D' = D + 1, its steps in residence
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from recommender.queueing.draft_gains import ONE_TOKEN, Gains, steps_of
from recommender.workload import Lengths


@dataclass(frozen=True)
class LengthMoments:
    """Moments of one length distribution."""

    input_powers: tuple[float, ...]
    """E[I^k] for k = 0..6 [tokens^k]."""
    decode_steps: float
    """E[D] [count]."""
    decode_steps_square: float
    context: float
    """Size-biased context of a decoding sequence [tokens]."""
    held: float
    """KV reservation of a resident request [tokens]."""
    held_relative_variance: float
    """Its variance over its mean squared."""
    longest: int
    """Longest prompt plus output [tokens]."""
    lengths: Lengths
    """The distribution itself, from which mixtures take their nodes (`nodes`)."""
    gains: Gains = ONE_TOKEN
    """A, and the distribution of what a step gains."""
    attended: float = 1.0
    """Factor on q where prompts are counted by their computed tokens."""

    @property
    def input_mean(self) -> float:
        """E[I], computed [tokens]."""
        return self.input_powers[1]


@lru_cache(maxsize=256)
def length_moments(lengths: Lengths, gains: Gains = ONE_TOKEN) -> LengthMoments:
    """Moments of the joint distribution; cached by the identity of `lengths`."""
    inputs = lengths.input_tokens.astype(np.float64)
    computed = lengths.computed_tokens.astype(np.float64)
    outputs = lengths.output_tokens.astype(np.float64)
    taken = steps_of(outputs - 1.0, gains)
    steps = taken.mean
    square = steps**2 + taken.variance
    mean_steps = float(steps.mean())
    grown = gains.mean * (steps * (steps + 1.0) + taken.variance) / 2.0
    context = float((steps * inputs + grown).mean())
    resident = steps + 1.0
    held = float((resident * (inputs + outputs)).mean() / resident.mean())
    held_square = float((resident * (inputs + outputs) ** 2).mean() / resident.mean())
    return LengthMoments(
        input_powers=tuple(float((computed**k).mean()) for k in range(7)),
        decode_steps=mean_steps,
        decode_steps_square=float(square.mean()),
        context=context / mean_steps if mean_steps > 0 else 0.0,
        held=held,
        held_relative_variance=held_square / held**2 - 1.0,
        longest=lengths.longest,
        lengths=lengths,
        gains=gains,
        attended=lengths.attended_factor,
    )
