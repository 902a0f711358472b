"""What the formulas need to know of a length distribution, computed once.

Symbol    Meaning                                                              Unit
I         prompt length; of prefill the part that is computed (prefix hits)    tokens
O         output length                                                        tokens
A         tokens that a sequence gains per step; 1 without speculation         tokens
D         decode steps of a request, ceil((O - 1)/A): the prefill gives the    count
          first token
E[I^k]    moments of the prompt, k = 1..6: the prefill time d*I + q*I^2/2 has  tokens^k
          a polynomial in I as its first three moments
ctx       mean context of a decoding sequence, weighted by how long it stays   tokens
          (size-biased):  E[D*I + A*D*(D+1)/2] / E[D]
hold      mean KV reservation of a resident request: E[D'*(I+O)] / E[D'],      tokens
          D' = D + 1, its steps in residence
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from recommender.queueing.state import Floats
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
    tokens_per_step: float = 1.0
    """A."""
    attended: float = 1.0
    """Factor on q where prompts are counted by their computed tokens."""

    @property
    def input_mean(self) -> float:
        """E[I], computed [tokens]."""
        return self.input_powers[1]


def decode_steps(output_tokens: Floats, tokens_per_step: float) -> Floats:
    """D: steps after the prefill; the last one may give fewer tokens than the others."""
    return np.asarray(np.ceil((output_tokens - 1.0) / tokens_per_step - 1e-9))


@lru_cache(maxsize=256)
def length_moments(lengths: Lengths, tokens_per_step: float = 1.0) -> LengthMoments:
    """Moments of the joint distribution; cached by the identity of `lengths`."""
    inputs = lengths.input_tokens.astype(np.float64)
    computed = lengths.computed_tokens.astype(np.float64)
    outputs = lengths.output_tokens.astype(np.float64)
    steps = decode_steps(outputs, tokens_per_step)
    mean_steps = float(steps.mean())
    context = float((steps * inputs + tokens_per_step * steps * (steps + 1.0) / 2.0).mean())
    resident = steps + 1.0
    held = float((resident * (inputs + outputs)).mean() / resident.mean())
    held_square = float((resident * (inputs + outputs) ** 2).mean() / resident.mean())
    return LengthMoments(
        input_powers=tuple(float((computed**k).mean()) for k in range(7)),
        decode_steps=mean_steps,
        decode_steps_square=float((steps**2).mean()),
        context=context / mean_steps if mean_steps > 0 else 0.0,
        held=held,
        held_relative_variance=held_square / held**2 - 1.0,
        longest=lengths.longest,
        lengths=lengths,
        tokens_per_step=tokens_per_step,
        attended=lengths.attended_factor,
    )
