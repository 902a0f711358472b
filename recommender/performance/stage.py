"""Cost of the fullest pipeline stage in one engine step, as coefficients per layout.

Symbol in code     Meaning                                                              Unit
matrices           attention and feed-forward matrices without lm_head, routed experts
head               lm_head, per sampled sequence
expert             one expert of every layer, per (token, expert) pair on one accelerator
  .flop_s          arithmetic per token, sequence or pair                               s
  .read_s          its weights, read once per step                                      s
attention          decode and prefill attention, recurrent state
transfer           collectives: fixed latency, and time per token of the rank           s
sequence_s         scheduling and sampling per decoding sequence                        s
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
class Work:
    """Two sides of a roofline, shape (n,) [s]."""

    flop_s: Floats
    read_s: Floats


@dataclass(frozen=True, slots=True)
class Stage:
    """Coefficients of shape (n,); see the module's table."""

    matrices: Work
    head: Work
    expert: Work
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
    sixteen_bit = sixteen_bit_flop_per_s(hardware.accelerator)
    share, expert_layers = stage_share(shape=shape, table=table)
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
    attention = attention_cost(
        shape=shape,
        table=table,
        share=share,
        bandwidth=bandwidth,
        flop_per_s=sixteen_bit,
        constants=constants,
        moments=moments,
    )
    launches = constants.layer_s * share * shape.layers + constants.expert_layer_s * expert_layers
    return Stage(
        matrices=_matrices(shape, table, share, expert_layers, constants, bandwidth),
        head=_head(shape, table, constants, bandwidth, sixteen_bit),
        expert=_expert(shape, table, expert_layers, constants, bandwidth),
        attention=attention,
        transfer=transfer,
        fixed_s=transfer.latency_s + constants.step_s + launches,
        sequence_s=constants.sequence_s,
        sharpness=constants.sharpness,
        shape=shape,
        table=table,
        links_measured=stage_links.measured,
    )


def _matrices(
    shape: ModelShape,
    table: LayoutTable,
    share: Floats,
    expert_layers: Floats,
    constants: StepConstants,
    bandwidth: float,
) -> Work:
    """Everything but routed experts and embeddings."""
    dense_layers = max(shape.layers - shape.expert_layers, 1.0)
    dense = np.maximum(share * shape.layers - expert_layers, 0.0)
    parameters = (
        share * shape.attention_parameters
        + dense / dense_layers * shape.dense_parameters
        + expert_layers / max(shape.expert_layers, 1.0) * shape.shared_parameters
    ) / table.tp
    return Work(
        flop_s=FLOP_PER_PARAMETER * parameters / (table.flop_per_s * constants.compute_share),
        read_s=table.weight_bytes * parameters / (bandwidth * constants.bandwidth_share),
    )


def _head(
    shape: ModelShape,
    table: LayoutTable,
    constants: StepConstants,
    bandwidth: float,
    flop_per_s: float,
) -> Work:
    """lm_head, at 16 bits."""
    parameters = shape.vocab_parameters / table.tp
    return Work(
        flop_s=FLOP_PER_PARAMETER * parameters / (flop_per_s * constants.compute_share),
        read_s=HEAD_BYTES * parameters / (bandwidth * constants.bandwidth_share),
    )


def _expert(
    shape: ModelShape,
    table: LayoutTable,
    expert_layers: Floats,
    constants: StepConstants,
    bandwidth: float,
) -> Work:
    """One routed expert of every layer: whole with ep, otherwise a slice of each."""
    held = np.where(table.ep > 1, 1.0, 1 / table.stage_accelerators)
    parameters = expert_layers * shape.expert_parameters * held
    return Work(
        flop_s=FLOP_PER_PARAMETER
        * parameters
        / (table.flop_per_s * constants.expert_compute_share),
        read_s=table.weight_bytes * parameters / (bandwidth * constants.expert_bandwidth_share),
    )
