"""Latency and bandwidth of the links between the accelerators of a replica.

    group within the scale-up domain   measured rows, between them linear in log2(n);
                                       else the rules of `recommender.sizing.collectives`
    group across domains               all-reduce inside, then over the network, or, in a node
                                       whose network is not needed, over the host bridge:
                                       alpha + 2*(N-1)*alpha_net
                                       1/beta + 2*(N-1)/N / (g*net)
    all-to-all across nodes            over the network of each accelerator at once; what stays
                                       inside a node goes over its own links meanwhile

Symbol     Meaning                                                        Unit
n, N, g    accelerators of the group, domains it spans, per domain        count
alpha_net  latency of one network message: 15 us (InfiniBand, RoCE)       s
net        share of one accelerator: 0.7 * network of the node /          B/s
           accelerators, or 0.7 * its host link

Sources: measured rows as in the calibration data; 15 us and 0.7 recalled from NCCL runs.
"""

from dataclasses import dataclass

import numpy as np

from catalog.calibration import Calibration, Collective
from recommender.hardware import Hardware
from recommender.performance.layout_table import Floats
from recommender.sizing import collectives
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
    domain = float(hardware.domain)
    link = _link_bytes_per_s(hardware)
    network = _network_bytes_per_s(hardware)
    rows = calibration.all_reduce(accelerator=hardware.accelerator.name)
    inside = np.minimum(tp, domain)
    latency, bandwidth = _inside(rows, inside, hardware)
    domains = np.ceil(tp / domain)
    across = 2 * (domains - 1) / domains / (inside * network)
    stage_spans = stage > domain
    reach = max(domain, float(hardware.node_accelerators))
    exchange = np.where(
        np.minimum(stage, reach) > domain,
        collectives.NETWORK_SHARE * network,
        collectives.LINK_SHARE * link,
    )
    two_stages_fit = 2 * stage <= domain
    return Links(
        reduce_latency_s=latency + 2 * (domains - 1) * NETWORK_LATENCY_S,
        reduce_bandwidth=1 / (1 / bandwidth + across),
        exchange_latency_s=np.asarray(ALL_TO_ALL_LATENCY_S + NETWORK_LATENCY_S * stage_spans),
        exchange_bandwidth=exchange,
        exchange_nodes=np.maximum(stage / reach, 1.0),
        exchange_network=np.full_like(stage, network / collectives.NETWORK_SHARE),
        hop_latency_s=np.where(two_stages_fit, SWITCHED_LATENCY_S, NETWORK_LATENCY_S),
        hop_bandwidth=np.where(two_stages_fit, collectives.LINK_SHARE * link, network),
    )


def _inside(
    rows: tuple[Collective, ...], count: Floats, hardware: Hardware
) -> tuple[Floats, Floats]:
    """Latency and bandwidth of an all-reduce among `count` accelerators of one domain."""
    size = np.maximum(count, 2.0)
    if rows:
        sizes = np.log2([row.count for row in rows])
        latency = np.interp(np.log2(size), sizes, [row.latency_us * MICRO for row in rows])
        inverse = np.interp(
            np.log2(size), sizes, [1 / (row.bandwidth_gb_per_s * GB) for row in rows]
        )
        return latency, 1 / inverse
    if hardware.accelerator.scale_up_domain > 1 and hardware.accelerator.link_gb_per_s:
        bandwidth = collectives.switched_all_reduce_bandwidth(
            link_bytes_per_s=_link_bytes_per_s(hardware), accelerators=size
        )
        return np.full_like(size, SWITCHED_LATENCY_S), np.asarray(bandwidth)
    bandwidth = collectives.pcie_all_reduce_bandwidth(
        host_link_bytes_per_s=_link_bytes_per_s(hardware), accelerators=size
    )
    return PCIE_LATENCY_S * size / 2, np.asarray(bandwidth)


def _link_bytes_per_s(hardware: Hardware) -> float:
    """Scale-up link of one accelerator, or its host link, or PCIe 3.0 x16 at the least."""
    accelerator = hardware.accelerator
    if accelerator.scale_up_domain > 1 and accelerator.link_gb_per_s:
        return accelerator.link_gb_per_s * GB
    return _host_bytes_per_s(hardware)


def _host_bytes_per_s(hardware: Hardware) -> float:
    return (hardware.accelerator.host_link_gb_per_s or 15.75) * GB


def _network_bytes_per_s(hardware: Hardware) -> float:
    """Reached share of one accelerator of what joins domains: network, or the node's host bridge.

    Kinds of node without a network carry no replica that spans nodes (`validity`), but their
    tensor groups may be larger than a domain: of plain PCIe that is one accelerator.
    """
    if hardware.network_gb_per_s is None:
        return collectives.NETWORK_SHARE * _host_bytes_per_s(hardware)
    return collectives.NETWORK_SHARE * hardware.network_gb_per_s * GB / hardware.node_accelerators
