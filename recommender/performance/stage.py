"""Cost of the fullest pipeline stage in one engine step, as coefficients per layout.

Symbol in code     Meaning                                                              Unit
linear_flop_s      attention and feed-forward matrices, arithmetic per token            s
linear_read_s      the same weights, read once per step                                 s
head_*_s           lm_head: arithmetic per sampled sequence, weights read once          s
pair_flop_s        expert arithmetic per (token, expert) pair on one accelerator        s
expert_read_s      reading one expert of every layer, as cut over the accelerators      s
context_s          decode attention per context token                                   s
sequence_s         per decoding sequence: windowed layers, recurrent state, scheduling  s
prompt_pair_s      prefill attention per (prompt token, context token)                  s
transfer           collectives: fixed latency, and time per token of the rank           s
fixed_s            launches and latencies of collectives per step                       s
"""

from dataclasses import dataclass

import numpy as np

from catalog.calibration import Calibration, StepConstants
from recommender.hardware import Hardware
from recommender.performance.attention_cost import AttentionCost, attention_cost
from recommender.performance.communication import Communication, communication
from recommender.performance.interconnect import links
from recommender.performance.layout_table import Floats, LayoutTable, sixteen_bit_flop_per_s
from recommender.performance.memory import stage_share
from recommender.performance.model_shape import ModelShape
from recommender.performance.moments import Moments
from recommender.sizing.prefill import FLOP_PER_PARAMETER
from recommender.units import GB

HEAD_BYTES = 2.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Coefficients of shape (n,) [s]; see the module's table."""

    linear_flop_s: Floats
    linear_read_s: Floats
    head_flop_s: Floats
    head_read_s: Floats
    pair_flop_s: Floats
    expert_read_s: Floats
    attention: AttentionCost
    transfer: Communication
    fixed_s: Floats
    sequence_s: float
    sharpness: float
    shape: ModelShape
    table: LayoutTable
    links_measured: bool


def build_stage(
    *,
    shape: ModelShape,
    hardware: Hardware,
    table: LayoutTable,
    calibration: Calibration,
    constants: StepConstants,
    moments: Moments,
) -> Stage:
    """Coefficients of every layout of the table."""
    bandwidth = hardware.accelerator.memory_bandwidth_gb_per_s * GB
    share, expert_layers = stage_share(shape=shape, table=table)
    matrices = _linear_parameters(shape, share, expert_layers) / table.tp
    head = shape.vocab_parameters / table.tp
    sixteen_bit = sixteen_bit_flop_per_s(hardware.accelerator)
    whole_expert = np.where(table.ep > 1, 1.0, 1 / table.stage_accelerators)
    expert = expert_layers * shape.expert_parameters * whole_expert
    stage_links = links(
        hardware=hardware, tp=table.tp, stage=table.stage_accelerators, calibration=calibration
    )
    transfer = communication(
        shape=shape,
        table=table,
        links=stage_links,
        scale=constants.collective_scale,
        layers=share * shape.layers,
        expert_layers=expert_layers,
    )
    return Stage(
        linear_flop_s=FLOP_PER_PARAMETER * matrices / (table.flop_per_s * constants.compute_share),
        linear_read_s=table.weight_bytes * matrices / (bandwidth * constants.bandwidth_share),
        head_flop_s=FLOP_PER_PARAMETER * head / (sixteen_bit * constants.compute_share),
        head_read_s=HEAD_BYTES * head / (bandwidth * constants.bandwidth_share),
        pair_flop_s=FLOP_PER_PARAMETER
        * expert
        / (table.flop_per_s * constants.expert_compute_share),
        expert_read_s=table.weight_bytes * expert / (bandwidth * constants.expert_bandwidth_share),
        attention=attention_cost(
            shape=shape,
            table=table,
            share=share,
            bandwidth=bandwidth,
            flop_per_s=sixteen_bit,
            constants=constants,
            moments=moments,
        ),
        transfer=transfer,
        fixed_s=transfer.latency_s
        + constants.step_s
        + constants.layer_s * share * shape.layers
        + constants.expert_layer_s * expert_layers,
        sequence_s=constants.sequence_s,
        sharpness=constants.sharpness,
        shape=shape,
        table=table,
        links_measured=stage_links.measured,
    )


def _linear_parameters(shape: ModelShape, share: Floats, expert_layers: Floats) -> Floats:
    """Parameters outside routed experts and embeddings on the fullest stage [count]."""
    dense_layers = shape.layers - shape.expert_layers
    dense = np.maximum(share * shape.layers - expert_layers, 0.0)
    return np.asarray(
        share * shape.attention_parameters
        + (dense / dense_layers if dense_layers else 0.0) * shape.dense_parameters
        + expert_layers / max(shape.expert_layers, 1.0) * shape.shared_parameters
    )
