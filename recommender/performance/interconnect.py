"""Latency and bandwidth of the links between the accelerators of a replica.

    group within a node or scale-up domain
        measured rows, between them linear in log2(n), beyond the largest by the power of n that
        the last two follow; else the rules of `recommender.sizing.collectives`: over the link
        inside a domain, then over the host bridge between the domains of a node (pairs under an
        NVLink bridge, or single cards)
    group across nodes                 all-reduce inside, then over the network:
                                       alpha + 2*(N-1)*alpha_net
                                       1/beta + 2*(N-1)/N / (g*net)
    all-to-all across nodes            over the network of each accelerator at once; what stays
                                       inside a node goes over its own links meanwhile

Symbol     Meaning                                                        Unit
n, N, g    accelerators of the group, nodes it spans, per node            count
           (scale-up domains, where they are larger than nodes)
alpha_net  latency of one network message: 15 us (InfiniBand, RoCE)       s
net        share of one accelerator: 0.7 * network of the node /          B/s
           accelerators

Sources: measured rows as in the calibration data; 15 us and 0.7 recalled from NCCL runs. Rings
pass the host bridge once per direction, however many cards a bridge joins: with three A100 of two
pairs 20 GB/s (NVIDIA/nccl-tests issue 178), so the link inside a pair saves nothing beyond it.
"""

from dataclasses import dataclass

import numpy as np

from catalog.calibration import Calibration
from catalog.schema import NO_LINK
from recommender.hardware import Hardware
from recommender.performance.layout_table import Floats
from recommender.sizing import collectives
from recommender.sizing.network import NETWORK_SHARE
from recommender.units import GB, MICRO

SWITCHED_LATENCY_S = 5 * MICRO
PCIE_LATENCY_S = 12 * MICRO
NETWORK_LATENCY_S = 15 * MICRO
ALL_TO_ALL_LATENCY_S = 14 * MICRO
"""DeepEP low-latency kernels on 8 H100 (dispatch and combine alike)."""


@dataclass(frozen=True, slots=True)
class Links:
    """Reached latency [s] and bandwidth [B/s] per layout, shape (n,)."""

    reduce_latency_s: Floats
    reduce_bandwidth: Floats
    exchange_latency_s: Floats
    exchange_bandwidth: Floats
    exchange_nodes: Floats
    """Nodes (or scale-up domains, where larger) that dispatch and combine span; 1 inside one."""
    exchange_network: Floats
    """Network of one accelerator at its nominal rate."""
    hop_latency_s: Floats
    hop_bandwidth: Floats


def links(*, hardware: Hardware, tp: Floats, stage: Floats, calibration: Calibration) -> Links:
    """Links of layouts with tensor groups of `tp` and stages of `stage` accelerators."""
    domain, reach = float(_linked(hardware)), float(_reach(hardware))
    network = _network_bytes_per_s(hardware)
    inside = np.minimum(tp, reach)
    latency, bandwidth = _inside(hardware, inside, calibration)
    nodes = np.ceil(tp / reach)
    across = 2 * (nodes - 1) / nodes / (inside * network)
    two_fit_domain, two_fit_node = 2 * stage <= domain, 2 * stage <= reach
    link, host = _link_bytes_per_s(hardware), collectives.PCIE_SHARE * _host_bytes_per_s(hardware)
    return Links(
        reduce_latency_s=latency + 2 * (nodes - 1) * NETWORK_LATENCY_S,
        reduce_bandwidth=1 / (1 / bandwidth + across),
        exchange_latency_s=ALL_TO_ALL_LATENCY_S
        + np.where(stage > reach, NETWORK_LATENCY_S, PCIE_LATENCY_S * (stage > domain)),
        exchange_bandwidth=_exchange_bandwidth(hardware, np.minimum(stage, reach)),
        exchange_nodes=np.maximum(stage / reach, 1.0),
        exchange_network=np.full_like(stage, network / NETWORK_SHARE),
        hop_latency_s=np.where(
            two_fit_domain,
            SWITCHED_LATENCY_S,
            np.where(two_fit_node, PCIE_LATENCY_S, NETWORK_LATENCY_S),
        ),
        hop_bandwidth=np.where(
            two_fit_domain, collectives.LINK_SHARE * link, np.where(two_fit_node, host, network)
        ),
    )


def _reach(hardware: Hardware) -> int:
    """Accelerators that reach each other without the network [count]."""
    return max(hardware.domain, hardware.node_accelerators)


def _inside(hardware: Hardware, count: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """Latency and bandwidth of an all-reduce among `count` accelerators of a node or domain."""
    size = np.maximum(count, 2.0)
    rows = calibration.all_reduce(accelerator=hardware.accelerator.name)
    if rows:
        counts = np.array([row.count for row in rows], dtype=np.float64)
        inverse = np.array([1 / (row.bandwidth_gb_per_s * GB) for row in rows])
        latency = np.array([row.latency_us * MICRO for row in rows])
        return _measured(size, counts, latency), 1 / _measured(size, counts, inverse)
    linked, bridged = _linked_and_bridged(hardware, size)
    over_link = collectives.switched_all_reduce_bandwidth(
        link_bytes_per_s=_link_bytes_per_s(hardware), accelerators=linked
    )
    over_bridge = collectives.pcie_all_reduce_bandwidth(
        host_link_bytes_per_s=_host_bytes_per_s(hardware), accelerators=bridged
    )
    latency = SWITCHED_LATENCY_S * (linked > 1) + PCIE_LATENCY_S * bridged / 2 * (bridged > 1)
    inverse = (linked > 1) / over_link + (bridged > 1) / over_bridge
    return np.asarray(latency), np.asarray(1 / inverse)


def _measured(size: Floats, counts: Floats, values: Floats) -> Floats:
    """Between measured group sizes linear in log2(n); beyond the last as from the last but one."""
    inside = np.interp(np.log2(size), np.log2(counts), values)
    if len(counts) == 1 or values[-2] == 0 or values[-1] == 0:  # a latency may be stated as none
        return inside
    power = np.log(values[-1] / values[-2]) / np.log(counts[-1] / counts[-2])
    return np.asarray(inside * np.maximum(size / counts[-1], 1.0) ** max(float(power), 0.0))


def _exchange_bandwidth(hardware: Hardware, count: Floats) -> Floats:
    """What each of `count` accelerators of a node sends in an all-to-all [B/s].

    Over the host bridge as much as in a ring, which moves 2(n-1)/n of the message.
    """
    _, bridged = _linked_and_bridged(hardware, count)
    over_bridge = collectives.pcie_all_reduce_bandwidth(
        host_link_bytes_per_s=_host_bytes_per_s(hardware), accelerators=np.maximum(bridged, 2.0)
    )
    ring = 2 * (bridged - 1) / bridged
    over_link = collectives.LINK_SHARE * _link_bytes_per_s(hardware)
    return np.where(bridged > 1, ring * over_bridge, over_link)


def _linked_and_bridged(hardware: Hardware, count: Floats) -> tuple[Floats, Floats]:
    """Accelerators under one link, and how many such groups share the host bridge [count]."""
    linked = np.minimum(count, float(_linked(hardware)))
    return linked, np.ceil(count / linked)


def _linked(hardware: Hardware) -> int:
    """Accelerators that a link of their own joins; of unknown reach, those of the node [count]."""
    accelerator = hardware.accelerator
    if accelerator.link_gb_per_s or accelerator.link_type in (NO_LINK, None):
        return hardware.domain
    return hardware.node_accelerators


def _link_bytes_per_s(hardware: Hardware) -> float:
    """Scale-up link of one accelerator; one of unknown rate is taken for its host link."""
    own = hardware.accelerator.link_gb_per_s
    return own * GB if own else _host_bytes_per_s(hardware)


def _host_bytes_per_s(hardware: Hardware) -> float:
    """Host link of one accelerator, PCIe 3.0 x16 where the catalogue does not know it."""
    return (hardware.accelerator.host_link_gb_per_s or 15.75) * GB


def _network_bytes_per_s(hardware: Hardware) -> float:
    """Reached share of the node's network of one accelerator.

    Kinds of node without a network carry no replica that spans nodes (`validity`): what their
    host link would do stands in.
    """
    if hardware.network_gb_per_s is None:
        return NETWORK_SHARE * _host_bytes_per_s(hardware)
    return NETWORK_SHARE * hardware.network_gb_per_s * GB / hardware.node_accelerators
