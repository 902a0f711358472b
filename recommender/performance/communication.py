"""Communication of one stage in one engine step: fixed latency, and time per token of a rank.

    tensor parallel      an all-reduce per block (2 per layer; 1 where blocks are parallel or a
                         layer is one block); 1 less in layers with experts when adp > 1
    attention data par.  per layer with experts: dispatch and combine among tp*adp accelerators
    pipeline             one hop to the next stage

A token of a rank is a message of h*2 bytes to every accelerator of its tensor group. Dispatch
and combine: each accelerator sends T/tp tokens to min(k, n-1) others (ep > 1), or to all other
ranks when experts are cut by tensor parallelism.

Over nodes, the network carries the copies that leave the node; those that stay travel meanwhile
over the links inside, and the slower of both sets the time of a token:

    max( copies inside * h*(e_d + 2) / inside,  copies that leave * h*(e_d + 2) / net ) / tp

Decodes send one message for each expert, 1/N of them inside; prompts one for each node, which
forwards it inside, so that all copies pass the links there (`sizing.collectives`): the two kinds
of kernels of DeepEP, which SGLang (`--deepep-mode auto`) and vLLM (`--all2all-backend`) use over
nodes. They dispatch in 8 bits where the matrix units compute in 8 or fewer, with a scale
of 4 bytes for each 128 elements: e_d = 1.03; else e_d = 2. So do kernels inside a domain: on GB200
tokens take 0.94 to 1.07 of that rule among 8 to 64 accelerators, in 16 bits as in 8 (NVLink kernels
of TensorRT-LLM 1.2; operator tables of aiconfigurator-core 0.12.0). Experts cut by tensor
parallelism are no case for these kernels: plain collectives, 16-bit, on 0.7 of the network.
"""

from dataclasses import dataclass

import numpy as np

from recommender.performance.interconnect import Links
from recommender.performance.layout_table import Floats, LayoutTable
from recommender.performance.model_shape import ModelShape
from recommender.sizing import collectives
from recommender.sizing.activations import ACTIVATION_BYTES
from recommender.sizing.network import NETWORK_SHARE
from recommender.sizing.number import Number

DISPATCHED_8_BIT = 1.0 + 4.0 / 128.0


@dataclass(frozen=True, slots=True)
class Communication:
    """Shape (n,) [s]; latency per step, transfer per token of a rank."""

    reduce_latency_s: Floats
    reduce_token_s: Floats
    exchange_latency_s: Floats
    exchange_token_s: Floats
    exchange_prompt_token_s: Floats
    """Of a prompt token, where that differs: over nodes."""
    exchange_over_nodes: Floats
    """1 where experts' ranks dispatch and combine over nodes, else 0."""
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
    reduced = np.where(table.tp > 1, shape.reduces_per_layer * layers - exchanged, 0.0)
    piped = table.pp > 1
    reduce_s = collectives.transfer_s(
        message_bytes=reduced * message, bandwidth_bytes_per_s=links.reduce_bandwidth
    )
    hop_s = collectives.transfer_s(
        message_bytes=message / table.tp, bandwidth_bytes_per_s=links.hop_bandwidth
    )
    decode_s, prompt_s = _exchange_s(shape, table, links)
    return Communication(
        reduce_latency_s=reduced * links.reduce_latency_s,
        reduce_token_s=np.asarray(reduce_s),
        exchange_latency_s=2 * exchanged * links.exchange_latency_s,
        exchange_token_s=exchanged * decode_s,
        exchange_prompt_token_s=exchanged * prompt_s,
        exchange_over_nodes=np.where(
            (links.exchange_nodes > 1) & (exchanged > 0) & (table.ep > 1), 1.0, 0.0
        ),
        hop_latency_s=np.where(piped, links.hop_latency_s, 0.0),
        hop_token_s=np.where(piped, hop_s, 0.0),
    )


def _exchange_s(shape: ModelShape, table: LayoutTable, links: Links) -> tuple[Floats, Floats]:
    """Dispatch and combine of a layer, of a decoded token and of one of a prompt [s]."""
    copies = np.where(
        table.ep > 1,
        collectives.dispatched_copies(
            experts_per_token=shape.experts_per_token, accelerators=table.stage_accelerators
        ),
        table.adp - 1,
    )
    nodes, k = links.exchange_nodes, shape.experts_per_token
    everywhere = np.where(table.ep > 1, k, table.adp)  # to all ranks, the own one included
    away = collectives.copies_to_other_nodes(copies=everywhere, nodes=nodes)
    drawn = np.where(table.ep > 1, k, np.inf)  # without expert ranks every node is reached
    reached = collectives.other_nodes_reached(copies=drawn, nodes=nodes)
    message = shape.hidden * (_dispatched(table) + ACTIVATION_BYTES)

    def slower_s(inside: Number, leaving: Number, share: float) -> Floats:
        of_network = np.where(table.ep > 1, share, NETWORK_SHARE)
        inside_s = collectives.transfer_s(
            message_bytes=message * inside, bandwidth_bytes_per_s=links.exchange_bandwidth
        )
        outside_s = collectives.transfer_s(
            message_bytes=message * leaving,
            bandwidth_bytes_per_s=of_network * links.exchange_network,
        )
        return np.asarray(np.maximum(inside_s, outside_s) / table.tp)

    has_inside = (table.ep > 1) & (table.stage_accelerators > nodes)
    forwarded = np.where(has_inside, copies, copies / nodes)
    return (
        slower_s(copies / nodes, away, collectives.MESSAGES_SHARE),
        slower_s(forwarded, np.minimum(away, reached), collectives.FORWARDED_SHARE),
    )


def _dispatched(table: LayoutTable) -> Floats:
    """Bytes of an element on its way to an expert [B]."""
    narrow = (table.ep > 1) & (table.compute_bits <= 8)
    return np.where(narrow, DISPATCHED_8_BIT, ACTIVATION_BYTES)
