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
    """Shape (n,) [s]; latency per step, transfer per token of a rank."""

    reduce_latency_s: Floats
    reduce_token_s: Floats
    exchange_latency_s: Floats
    exchange_token_s: Floats
    hop_latency_s: Floats
    hop_token_s: Floats


def communication(
    *,
    shape: ModelShape,
    table: LayoutTable,
    links: Links,
    layers: Floats,
    expert_layers: Floats,
) -> Communication:
    """Communication of the fullest stage with these layers."""
    message = shape.hidden * ACTIVATION_BYTES
    exchanged = np.where(table.adp > 1, expert_layers, 0.0)
    reduced = np.where(table.tp > 1, 2 * layers - exchanged, 0.0)
    copies = np.where(
        table.ep > 1,
        collectives.dispatched_copies(
            experts_per_token=shape.experts_per_token, accelerators=table.stage_accelerators
        ),
        table.adp - 1,
    )
    sent = message * copies / table.tp
    piped = table.pp > 1
    reduce_s = collectives.transfer_s(
        message_bytes=reduced * message, bandwidth_bytes_per_s=links.reduce_bandwidth
    )
    exchange_s = collectives.transfer_s(
        message_bytes=2 * exchanged * sent, bandwidth_bytes_per_s=links.exchange_bandwidth
    )
    hop_s = collectives.transfer_s(
        message_bytes=message / table.tp, bandwidth_bytes_per_s=links.hop_bandwidth
    )
    return Communication(
        reduce_latency_s=reduced * links.reduce_latency_s,
        reduce_token_s=np.asarray(reduce_s),
        exchange_latency_s=2 * exchanged * links.exchange_latency_s,
        exchange_token_s=np.asarray(exchange_s),
        hop_latency_s=np.where(piped, links.hop_latency_s, 0.0),
        hop_token_s=np.where(piped, hop_s, 0.0),
    )
