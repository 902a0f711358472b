"""Limits on single nodes hold to the last part: at the limit a node is taken, beyond it is not."""

from types import SimpleNamespace

import numpy as np
import pytest

from recommender.decision.node_limits import NodeFacts, fits_node, within_network

TABLE = SimpleNamespace(
    hardware=[SimpleNamespace(node_accelerators=8)],
    hardware_index=np.array([0, 0]),
    accelerators=np.array([4, 16]),
    weights_bytes=np.array([20e9, 20e9]),
)
"""A replica on four accelerators of a node of eight, and one over two nodes, 20 GB on each."""


def asked(**limits):
    none = {"min_host_ram_factor": None, "max_load_time_s": None, "max_network_share": None}
    return SimpleNamespace(**(none | limits))


@pytest.mark.parametrize(("position", "weights_gb"), [(0, 80.0), (1, 160.0)])
@pytest.mark.parametrize(("room", "fits"), [(1.0, True), (0.99, False)])
def test_drives_hold_the_weights_of_a_node(position, weights_gb, room, fits):
    facts = NodeFacts(storage_gb=room * weights_gb, read_gb_per_s=100.0)
    assert fits_node(position, TABLE, facts, asked(max_load_time_s=60.0)) is fits


@pytest.mark.parametrize(("most_s", "fits"), [(8.0, True), (7.9, False)])
def test_the_time_to_read_them(most_s, fits):
    """80 GB at 10 GB/s."""
    facts = NodeFacts(storage_gb=1000.0, read_gb_per_s=10.0)
    assert fits_node(0, TABLE, facts, asked(max_load_time_s=most_s)) is fits


@pytest.mark.parametrize(("factor", "fits"), [(2.0, True), (2.01, False)])
def test_host_memory_holds_a_multiple_of_them(factor, fits):
    facts = NodeFacts(host_ram_gib=160e9 / 2**30)
    assert fits_node(0, TABLE, facts, asked(min_host_ram_factor=factor)) is fits


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize(("used", "within"), [(1.0, True), (1.01, False)])
def test_requests_use_a_share_of_the_network_of_all_nodes_of_a_group(nodes, used, within):
    """A tenth of 25 GB/s a node, for 50,000 B a request: 50,000 requests/s."""
    group = SimpleNamespace(nodes=nodes, requests_per_s=used * nodes * 50_000)
    offer = SimpleNamespace(network_gb_per_s=25.0)
    question = asked(max_network_share=0.1, request_bytes=50_000.0)
    assert within_network(group, offer, question) is within
