"""Communication of one stage in one engine step: fixed latency, and time per token of a rank.

    tensor parallel      2 all-reduces per layer; 1 in layers with experts when adp > 1
    attention data par.  per layer with experts: dispatch and combine among tp*adp accelerators
    pipeline             one hop to the next stage

A token of a rank is a message of h*2 bytes to every accelerator of its tensor group. Dispatch
and combine: each accelerator sends T/tp tokens to min(k, n-1) others (ep > 1), or to all other
ranks when experts are cut by tensor parallelism.
"""

from dataclasses import dataclass

import numpy as np

from recommender.performance.interconnect import Links
from recommender.performance.layout_table import Floats, LayoutTable
from recommender.performance.model_shape import ModelShape
from recommender.sizing import collectives

ACTIVATION_BYTES = 2.0


@dataclass(frozen=True, slots=True)
class Communication:
    """Shape (n,) [s]."""

    latency_s: Floats
    token_s: Floats
    hop_s: Floats
    """Fixed part of the hand-over to the next stage; 0 with one stage."""
    hop_token_s: Floats


def communication(
    *,
    shape: ModelShape,
    table: LayoutTable,
    links: Links,
    scale: float,
    layers: Floats,
    expert_layers: Floats,
) -> Communication:
    """Communication of the fullest stage with these layers; `scale` as calibrated."""
    message = shape.hidden * ACTIVATION_BYTES
    exchanged = np.where(table.adp > 1, expert_layers, 0.0)
    reduced = np.where(table.tp > 1, 2 * layers - exchanged, 0.0)
    copies = np.where(
        table.ep > 1,
        np.minimum(shape.experts_per_token, table.stage_accelerators - 1),
        table.adp - 1,
    )
    sent = message * copies / table.tp
    piped = table.pp > 1
    hop = collectives.pipeline_hop_s(
        message_bytes=0.0, latency_s=links.hop_latency_s, bandwidth_bytes_per_s=links.hop_bandwidth
    )
    return Communication(
        latency_s=scale
        * (reduced * links.reduce_latency_s + 2 * exchanged * links.exchange_latency_s),
        token_s=scale
        * (
            reduced * message / links.reduce_bandwidth
            + 2 * exchanged * sent / links.exchange_bandwidth
        ),
        hop_s=np.asarray(piped * hop),
        hop_token_s=np.asarray(piped * message / table.tp / links.hop_bandwidth),
    )
