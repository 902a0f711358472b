"""Energy that the work of a step takes in memory and matrix units, per accelerator.

    J(B)    = e_r * BW * read + e_c * bits/16 * peak * flop            e_r, e_c: `sizing.power`
    read    = read(v*B) + k * [(read(B) - head) / L + head]            flop alike, rows >= 16
            ~ step_j + sequence_j * B                                  chord over the batches used
    prompt  = e_c * bits/16 * peak * (flop of a token + attention to half of its prompt) * (1 + 1/L)

read and flop are the times at peak of `work_rate`. A step verifies v tokens of a sequence, which
read its cache once; each of its k drafts is one of L layers and the head (`speculation`; without
drafts v = 1, and prompts have no further layer). Over the time of the step they give the power
that the accelerator draws while it decodes or computes prompts (`working_power_w`). With pipeline
stages a round runs pp micro-batches of B/pp on every accelerator. Experts see the tokens of all
attention ranks: per token of its own rank an accelerator has those of adp.
"""

from dataclasses import dataclass

import numpy as np

from catalog.schema import Accelerator
from recommender.performance.layout_table import Floats, LayoutTable
from recommender.performance.linearise import batch_range
from recommender.performance.memory import MemoryTable
from recommender.performance.moments import Moments
from recommender.performance.speculation import DRAFT_LAYERS, Speculation, prompt_layers
from recommender.performance.stage import Stage
from recommender.performance.work_rate import WorkRate, work_rate
from recommender.sizing.power import COMPUTE_J_PER_FLOP, READ_J_PER_BYTE, tile_rows
from recommender.units import GB


@dataclass(frozen=True, slots=True)
class StepEnergy:
    """Shape (n,) [J]; see `StepLaw`."""

    step_j: Floats
    sequence_j: Floats
    prompt_j: Floats


def step_energy(
    stage: Stage,
    accelerator: Accelerator,
    table: LayoutTable,
    memory: MemoryTable,
    moments: Moments,
    speculation: Speculation,
) -> StepEnergy:
    """Energy of a round of each layout."""
    context = np.broadcast_to(np.asarray(moments.context_tokens, dtype=np.float64), (len(stage),))
    low, high = batch_range(
        stage, max_batch=table.max_batch, kv_tokens=memory.kv_tokens, context_tokens=context
    )
    read_j = READ_J_PER_BYTE * accelerator.memory_bandwidth_gb_per_s * GB
    flop_j = COMPUTE_J_PER_FLOP * stage.compute_bits / 16.0 * table.flop_per_s

    def joules(sequences: Floats) -> Floats:
        one = np.ones_like(sequences)
        work = work_rate(
            stage, step_s=one, sequences=sequences, context=context, prompt_per_output=0.0 * one,
            verified=speculation.verified,
        )  # fmt: skip
        spent = read_j * work.read + flop_j * work.compute
        if not speculation.drafts:
            return np.asarray(spent)
        draft = _draft(stage, sequences, context)
        return np.asarray(
            spent + speculation.drafts * (read_j * draft.read + flop_j * draft.compute)
        )

    at_low, at_high = joules(low), joules(high)
    slope = (at_high - at_low) / (high - low)
    routed = stage.adp * stage.expert.flop_s * stage.experts_per_token / np.maximum(stage.ep, 1.0)
    attention = stage.prompt_pair_s * moments.prompt_tokens / 2.0
    return StepEnergy(
        step_j=np.asarray(stage.pp * np.maximum(at_low - slope * low, 0.0)),
        sequence_j=np.asarray(slope),
        prompt_j=np.asarray(
            flop_j
            * (stage.matrices.flop_s + routed + attention)
            * prompt_layers(stage, speculation)
        ),
    )


def _draft(stage: Stage, sequences: Floats, context: Floats) -> WorkRate:
    """One draft of each sequence: a layer of the stage, and the head."""
    one = np.ones_like(sequences)
    plain = work_rate(
        stage, step_s=one, sequences=sequences, context=context, prompt_per_output=0.0 * one
    )
    head = stage.head.flop_s * tile_rows(rows=sequences)
    return WorkRate(
        read=(plain.read - stage.head.read_s) * DRAFT_LAYERS / stage.layers + stage.head.read_s,
        compute=(plain.compute - head) * DRAFT_LAYERS / stage.layers + head,
    )
