"""Bytes and matrix operations per second of an engine that decodes, per accelerator.

    R = BW * (read of a step at peak) / tau
    F = peak * (operations of a step at peak, idle rows of tiles included) / tau

    matrices, head   max(v*B, 16) rows                     experts   max(pairs, 16 * used) pairs
    attention        v times the tokens of context         prompts   B * p/o tokens per step

The cache of a sequence is read once for all v of its tokens.

Symbol  Meaning                                                             Unit
tau     time of the step                                                    s
B       sequences in the step, per attention rank                           count
v       tokens of a sequence in a step: 1, or its drafts and one more       count
pairs   (token, expert) pairs of a rank; used: experts that some token uses count
p/o     prompt tokens per output token                                      1
"""

from dataclasses import dataclass

import numpy as np

from catalog.schema import Accelerator
from recommender.performance.layout_table import Floats
from recommender.performance.stage import Stage
from recommender.sizing import decode, power
from recommender.sizing.number import Number

GRACE_W = 250.0
"""A Grace CPU with its memory: half of the 500 W of a Grace CPU Superchip (NVIDIA; recalled)."""


@dataclass(frozen=True, slots=True)
class WorkRate:
    """Shares of the peaks of memory and of matrix units, shape (n,) [1]."""

    read: Floats
    compute: Floats


def work_rate(
    stage: Stage, *, step_s: Floats, sequences: Floats, context: Floats,
    prompt_per_output: Floats, verified: Number = 1.0,
) -> WorkRate:  # fmt: skip
    """Work of a steady state: decoding, and the prompts that replace ended sequences.

    `sequences` per rank, `context` of each [tokens], `prompt_per_output` p/o, `verified` v.
    """
    experts = np.maximum(stage.experts, 1.0)
    per_token = np.minimum(stage.experts_per_token, experts - 1e-9)
    tokens = stage.adp * (verified * sequences)
    used = decode.distinct_experts(experts=experts, experts_per_token=per_token, tokens=tokens)
    ranks = np.maximum(stage.ep, 1.0)
    pairs = tokens * stage.experts_per_token / ranks
    held = sequences * context
    read = stage.matrices.read_s + stage.head.read_s + stage.window.read_s * sequences
    read = read + stage.expert.read_s * used / ranks + stage.decode.read_s * held
    rows = power.tile_rows(rows=verified * sequences)
    attended = stage.decode.flop_s * held * verified
    flop = (stage.matrices.flop_s + stage.head.flop_s) * rows + attended
    padded = np.maximum(pairs, power.TILE_ROWS * used / ranks)
    prompts = stage.matrices.flop_s * sequences + stage.expert.flop_s * pairs / verified
    flop = flop + stage.expert.flop_s * padded + prompts * prompt_per_output
    return WorkRate(read=np.asarray(read / step_s), compute=np.asarray(flop / step_s))


def chip_tdp_w(accelerator: Accelerator) -> float | None:
    """TDP of the accelerator alone [W]; the catalogue's figure of GH200 is of its module."""
    module = accelerator.form == "superchip" and accelerator.architecture == "Hopper"
    tdp_w = accelerator.tdp_w
    return tdp_w - GRACE_W if module and tdp_w is not None else tdp_w
