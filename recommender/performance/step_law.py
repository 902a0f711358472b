"""SEAM 1. The time of one engine step: all that queueing and simulator know of a replica.

    tau = a + b*B + g*S + d*P + q*P*ctx

Symbol      Meaning                                                             Unit
B           sequences that decode in the step, on one attention rank            count
S           sum of their context tokens                                         tokens
P           prompt tokens processed in the step (a chunk)                       tokens
ctx         mean context attended by a prompt token (before it, in its prompt)  tokens
a           time of an empty step: weights, launches, all-reduce latency        s
b, g, d, q  slopes of the four terms                                            s, s/token, ...
A           output tokens that a sequence gains per step: 1, more with           count
            speculative decoding (mean accepted length)
v           tokens of the step's budget that a decoding sequence takes: 1, or    count
            its drafts and one more
ranks       attention ranks (adp) of the replica: each has its own queue, batch
            and KV cache; they step together, at the pace of the slowest        count

With pipeline stages the law is that of one round of the pipeline, in which every sequence gains
one token: all five numbers already hold all stages (`roofline.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

Number = float | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLaw:
    """Step law of one replica (scalars), or of many (arrays of shape (n,))."""

    a: Number
    b: Number
    g: Number
    d: Number
    q: Number
    max_batch: Number
    """Most sequences in a batch, per rank [count]."""
    kv_tokens: Number
    """KV cache, per rank [tokens]."""
    chunk_tokens: Number
    """Token budget of one step, per rank [tokens]."""
    ranks: Number = 1.0
    tokens_per_step: Number = 1.0
    """A; the same for all laws of an array."""
    verified_tokens: Number = 1.0
    """v."""
    step_j: Number = 0.0
    """Energy of memory and matrix units in an empty step, per accelerator (`step_energy`) [J]."""
    sequence_j: Number = 0.0
    """Of every sequence that decodes in the step [J]."""
    prompt_j: Number = 0.0
    """Of every prompt token [J]; 0 in all three: not known."""
    frontend_s: Number = 0.0
    """HTTP, tokeniser and scheduling, part of TTFT [s]."""
    prompt_stretch: Number = 1.0
    """A prompt's own way to its first token against d*P + q*P*ctx, what it takes from others."""
    rel_error: Number = 0.0
    """Standard deviation of log(measured / predicted) step time."""
    basis: str | npt.NDArray[np.str_] = "roofline"
    """measured, own runs, calibrated, transferred or roofline."""

    def __len__(self) -> int:
        return int(np.size(self.a))

    def take(self, index: npt.NDArray[np.intp] | int) -> "StepLaw":
        """The laws at these positions; one law of scalars for an integer."""
        chosen: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value = value[index]
                if np.ndim(value) == 0:
                    value = value.item()
            chosen[field.name] = value
        return replace(self, **chosen)  # type: ignore[arg-type]

    def slower(self, factor: Number) -> "StepLaw":
        """Every step takes `factor` times as long: a margin for model error, or a derating."""
        return replace(
            self,
            a=self.a * factor,
            b=self.b * factor,
            g=self.g * factor,
            d=self.d * factor,
            q=self.q * factor,
        )


def concatenate(laws: Sequence[StepLaw]) -> StepLaw:
    """One StepLaw of arrays out of several (scalars are broadcast to their law's length)."""
    joined: dict[str, object] = {}
    for field in fields(StepLaw):
        parts = [np.broadcast_to(getattr(law, field.name), (len(law),)) for law in laws]
        joined[field.name] = np.concatenate(parts)
    return StepLaw(**joined)  # type: ignore[arg-type]
