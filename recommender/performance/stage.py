"""Work of the fullest pipeline stage in one engine step, at the datasheet's peaks.

All fields have shape (n,): one entry per deployment, of any models and accelerators. They hold
no fitted constant, so that one set of arrays serves every calibration (`step_time`).

Symbol in code      Meaning                                                            Unit
matrices            attention and feed-forward without lm_head and routed experts
head                lm_head, at 16 bits, per sampled sequence
expert              one expert of every layer, per (token, expert) pair
decode              attention per context token of a decoding sequence
window              attention and recurrent state per decoding sequence
  .flop_s, .read_s  arithmetic per token, pair, ...; weights or cache read             s
prompt_pair_s       prefill attention per (prompt token, context token)                s
reduce_*            all-reduces: latency per step, transfer per token of a rank        s
exchange_*          dispatch and combine of experts: the same; over nodes prompts send  s
                    less than decodes
exchange_over_nodes 1 where these cross nodes, with expert ranks                       1
overlaps            1 where the engine can hide these behind a second half of a batch  1
hop_*               hand-over to the next pipeline stage                               s
layers, expert_layers  layers on the stage                                             count
blocks              attention, state and feed-forward blocks of these layers           count
experts, experts_per_token, ep, adp, pp                                                count
compute_bits        of the format that the matrix units see                            bit
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from recommender.performance.layout_table import Floats


@dataclass(frozen=True, slots=True)
class Work:
    """Two sides of a roofline at peak, shape (n,) [s]."""

    flop_s: Floats
    read_s: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """See the module's table."""

    matrices: Work
    head: Work
    expert: Work
    decode: Work
    window: Work
    prompt_pair_s: Floats
    reduce_latency_s: Floats
    reduce_token_s: Floats
    exchange_latency_s: Floats
    exchange_token_s: Floats
    exchange_prompt_token_s: Floats
    exchange_over_nodes: Floats
    overlaps: Floats
    hop_latency_s: Floats
    hop_token_s: Floats
    layers: Floats
    blocks: Floats
    expert_layers: Floats
    experts: Floats
    experts_per_token: Floats
    ep: Floats
    adp: Floats
    pp: Floats
    compute_bits: Floats

    def __len__(self) -> int:
        return len(self.pp)


def concatenate_stages(stages: Sequence[Stage]) -> Stage:
    """One set of arrays out of several."""
    joined: dict[str, object] = {}
    for field in fields(Stage):
        parts = [getattr(stage, field.name) for stage in stages]
        joined[field.name] = (
            Work(
                np.concatenate([part.flop_s for part in parts]),
                np.concatenate([part.read_s for part in parts]),
            )
            if isinstance(parts[0], Work)
            else np.concatenate(parts)
        )
    return Stage(**joined)  # type: ignore[arg-type]


def take_stages(stage: Stage, index: npt.NDArray[np.intp]) -> Stage:
    """The entries at these positions."""
    taken: dict[str, object] = {}
    for field in fields(Stage):
        value = getattr(stage, field.name)
        taken[field.name] = (
            Work(value.flop_s[index], value.read_s[index])
            if isinstance(value, Work)
            else value[index]
        )
    return Stage(**taken)  # type: ignore[arg-type]
