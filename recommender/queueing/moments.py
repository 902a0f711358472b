"""What the formulas need to know of a length distribution, computed once.

Symbol    Meaning                                                              Unit
I         prompt length                                                        tokens
O         output length                                                        tokens
D         decode steps of a request, O - 1: the prefill gives the first token  count
E[I^k]    moments of the prompt, k = 1..6: the prefill time d*I + q*I^2/2 has  tokens^k
          a polynomial in I as its first three moments
ctx       mean context of a decoding sequence, weighted by how long it stays   tokens
          (size-biased):  E[D*I + D*(D+1)/2] / E[D]
hold      mean KV reservation of a resident request: E[D'*(I+O)] / E[D'],      tokens
          D' = D + 1, its steps in residence
nodes     a few weighted points that stand for the distribution in a mixture

Nodes are bins of equal rank, finer towards the side that makes the tail: long prompts for TTFT,
short outputs for TPOT (few gaps average little), long outputs for E2E.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recommender.queueing.laws import Array
from recommender.workload import Lengths

_EDGES = (0.0, 0.35, 0.65, 0.85, 0.94, 0.973, 0.984, 0.9885, 0.9915, 0.9945, 0.998, 1.0)


@dataclass(frozen=True)
class Nodes:
    """Weighted points, each field of shape (m, 1): they broadcast against laws of shape (n,)."""

    weight: Array
    input_tokens: Array
    input_variance: Array
    """Variance of the prompt length inside the bin [tokens^2]."""
    decode_steps: Array


@dataclass(frozen=True)
class LengthMoments:
    """Moments and nodes of one length distribution."""

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
    prompt_nodes: Nodes
    """Bins over the prompt length, fine at the long end."""
    output_nodes: Nodes | None
    """Bins over the outputs of two tokens or more, fine at the short end; None without any."""
    request_nodes: Nodes
    """Bins over the output length, fine at the long end."""

    @property
    def input_mean(self) -> float:
        """E[I] [tokens]."""
        return self.input_powers[1]


@lru_cache(maxsize=256)
def length_moments(lengths: Lengths) -> LengthMoments:
    """Moments of the joint distribution; cached by the identity of `lengths`."""
    inputs = lengths.input_tokens.astype(np.float64)
    steps = lengths.output_tokens.astype(np.float64) - 1.0
    mean_steps = float(steps.mean())
    context = float((steps * inputs + steps * (steps + 1.0) / 2.0).mean())
    resident = steps + 1.0
    held = float((resident * (inputs + resident)).mean() / resident.mean())
    held_square = float((resident * (inputs + resident) ** 2).mean() / resident.mean())
    edges = np.array(_EDGES)
    decoding = steps > 0.0
    return LengthMoments(
        input_powers=tuple(float((inputs**k).mean()) for k in range(7)),
        decode_steps=mean_steps,
        decode_steps_square=float((steps**2).mean()),
        context=context / mean_steps if mean_steps > 0 else 0.0,
        held=held,
        held_relative_variance=held_square / held**2 - 1.0,
        longest=lengths.longest,
        prompt_nodes=_nodes(inputs, steps, order=inputs, edges=edges),
        output_nodes=_nodes(
            inputs[decoding], steps[decoding], order=steps[decoding], edges=(1.0 - edges)[::-1]
        )
        if decoding.any()
        else None,
        request_nodes=_nodes(inputs, steps, order=steps, edges=edges),
    )


def _nodes(inputs: Array, steps: Array, *, order: Array, edges: Array) -> Nodes:
    """Bins between the rank `edges` of `order`; a bin that few requests fill may be empty."""
    ranked = np.argsort(order, kind="stable")
    cuts = np.unique(np.rint(edges * order.size).astype(np.intp))
    bins: list[npt.NDArray[np.intp]] = [ranked[low:high] for low, high in pairwise(cuts)]
    return Nodes(
        weight=_column([len(members) / order.size for members in bins]),
        input_tokens=_column([inputs[members].mean() for members in bins]),
        input_variance=_column([inputs[members].var() for members in bins]),
        decode_steps=_column([steps[members].mean() for members in bins]),
    )


def _column(values: list[float]) -> Array:
    return np.array(values, dtype=np.float64)[:, None]
