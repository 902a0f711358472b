"""From model, hardware and layouts to the work of a stage.

Formulas: `recommender.sizing`. A weight-only precision moves few bytes but computes in 16 bits:
`LayoutTable.flop_per_s` is the peak of the format that the matrix units see, and widening the
weights takes a few percent of it.
"""

from dataclasses import fields

import numpy as np

from catalog.calibration import Calibration
from recommender.hardware import Hardware
from recommender.performance.attention_work import attention_work
from recommender.performance.communication import Communication, communication
from recommender.performance.interconnect import links
from recommender.performance.layout_table import Floats, LayoutTable, sixteen_bit_flop_per_s
from recommender.performance.model_shape import ModelShape
from recommender.performance.moments import Moments
from recommender.performance.stage import Stage, Work
from recommender.performance.stage_share import StageShare, stage_share
from recommender.sizing.dequantisation import widened
from recommender.sizing.prefill import linear_flop
from recommender.units import BITS_PER_BYTE, GB

HEAD_BYTES = 2.0


def build_stage(
    *,
    shape: ModelShape,
    hardware: Hardware,
    table: LayoutTable,
    calibration: Calibration,
    moments: Moments,
    overlap: bool | Floats = False,
) -> Stage:
    """Work of every layout of the table; `calibration` gives the measured collectives.

    `overlap` says whether the engine hides dispatch and combine over nodes (`overlap`).
    """
    bandwidth = hardware.accelerator.memory_bandwidth_gb_per_s * GB
    sixteen_bit = sixteen_bit_flop_per_s(hardware.accelerator)
    held = stage_share(shape=shape, table=table)
    attention = attention_work(
        shape=shape,
        table=table,
        share=held.share,
        bandwidth=bandwidth,
        accelerator=hardware.accelerator,
        moments=moments,
    )
    transfer = _transfer(shape, hardware, table, held, calibration)
    return Stage(
        matrices=_work(held.replicated_parameters / table.tp, table, bandwidth),
        head=_head(shape.vocab_parameters / table.tp, bandwidth, sixteen_bit),
        expert=_work(_expert(shape, table, held.expert_layers), table, bandwidth),
        decode=attention.decode,
        window=attention.window,
        prompt_pair_s=attention.prompt_pair_s,
        **{field.name: getattr(transfer, field.name) for field in fields(transfer)},
        overlaps=transfer.exchange_over_nodes * overlap,
        layers=held.layers,
        blocks=shape.blocks_per_layer * held.layers,
        expert_layers=held.expert_layers,
        experts=np.full(len(table), shape.experts),
        experts_per_token=np.full(len(table), shape.experts_per_token),
        ep=table.ep,
        adp=table.adp,
        pp=table.pp,
        compute_bits=table.compute_bits,
    )


def _transfer(
    shape: ModelShape,
    hardware: Hardware,
    table: LayoutTable,
    held: StageShare,
    calibration: Calibration,
) -> Communication:
    """Collectives of a stage over the links that its accelerators share."""
    over = links(
        hardware=hardware, tp=table.tp, stage=table.stage_accelerators, calibration=calibration
    )
    return communication(
        shape=shape, table=table, links=over, layers=held.layers, expert_layers=held.expert_layers
    )


def _head(parameters: Floats, bandwidth: float, flop_per_s: float) -> Work:
    """The output matrix, kept and multiplied in 16 bits, once per token and once per step."""
    return Work(
        flop_s=np.asarray(linear_flop(active_parameters=parameters, tokens=1) / flop_per_s),
        read_s=HEAD_BYTES * parameters / bandwidth,
    )


def _work(parameters: Floats, table: LayoutTable, bandwidth: float) -> Work:
    """A matrix of these parameters, once per token and once per step."""
    cost = widened(stored_bits=BITS_PER_BYTE * table.weight_bytes, compute_bits=table.compute_bits)
    flop = linear_flop(active_parameters=parameters, tokens=1)
    return Work(
        flop_s=np.asarray(cost * flop / table.flop_per_s),
        read_s=table.weight_bytes * parameters / bandwidth,
    )


def _expert(shape: ModelShape, table: LayoutTable, expert_layers: Floats) -> Floats:
    """One routed expert of every layer: whole with ep, otherwise a slice of each [count]."""
    held = np.where(table.ep > 1, 1.0, 1 / table.stage_accelerators)
    return np.asarray(expert_layers * shape.expert_parameters * held)
