"""Cards without a scale-up link exchange data over the host bridge of their node."""

import numpy as np
import pytest

import catalog
from catalog.calibration import load_calibration
from recommender.hardware import Hardware
from recommender.performance.interconnect import NETWORK_LATENCY_S, links

CARDS = catalog.load().accelerators


def of_groups(name, *groups, network=None, node=8):
    """Links of tensor groups of these sizes, each a replica of its own."""
    sizes = np.array(groups, dtype=float)
    hardware = Hardware(CARDS[name], node, network)
    return links(hardware=hardware, tp=sizes, stage=sizes, calibration=load_calibration())


def test_cards_share_the_bridge_by_rule():
    """L4 at 31.5 GB/s: half of it between 2; 0.5 * 31.5 * (2/4)^0.75 = 9.36 GB/s between 4;
    0.5 * 31.5 * (2/8)^0.75 = 5.57 GB/s between 8.
    """
    assert of_groups("L4", 2, 4, 8).reduce_bandwidth / 1e9 == pytest.approx(
        [15.75, 9.36, 5.57], rel=1e-3
    )


def test_measured_groups_of_all_sizes_are_used():
    """RTX PRO 6000: 25, 18 and 13 GB/s among 2, 4 and 8."""
    found = of_groups("RTX PRO 6000 Blackwell Server", 2, 4, 8)
    assert found.reduce_bandwidth / 1e9 == pytest.approx([25, 18, 13])
    assert found.reduce_latency_s * 1e6 == pytest.approx([12, 13, 26])


def test_pairs_under_a_bridge_pass_it_as_one():
    """A100 PCIe: 180 GB/s in a pair; with two pairs 1 / (1/180 + 1/15.75) = 14.5 GB/s, with four
    1 / (1/180 + 1/9.36) = 8.9 GB/s. TensorRT-LLM 0.14 needs 1.01 ms for two tokens of Llama 70B on
    four of them and 0.57 ms on four A100 SXM, whose host bridge is idle; at 0.87 of its speed
    (Llama 8B on one) that leaves 0.36 ms for 160 * 2 * 16384 B: 14.6 GB/s. On eight: 7.7 GB/s.
    """
    reached = of_groups("A100 80GB PCIe", 2, 4, 8).reduce_bandwidth / 1e9
    assert reached == pytest.approx([180, 14.48, 8.90], rel=1e-3)
    assert reached[1:] == pytest.approx([14.6, 7.7], rel=0.2)


@pytest.mark.parametrize("name", ["L40S", "L4", "A100 80GB PCIe", "RTX PRO 6000 Blackwell Server"])
def test_the_network_of_a_node_says_nothing_of_groups_inside_it(name):
    alone, slow, quick = (
        of_groups(name, 2, 4, 8, network=network) for network in (None, 1.0, 400.0)
    )
    for field in ("reduce_bandwidth", "exchange_bandwidth", "reduce_latency_s"):
        assert getattr(alone, field).tolist() == getattr(slow, field).tolist()
        assert getattr(alone, field).tolist() == getattr(quick, field).tolist()


def test_groups_over_nodes_pass_the_network_as_well():
    """16 L4 in two nodes of 8 with 8 GB/s each: 1 / (1/5.57 + 2 * 1/2 / (8 * 0.7 * 8/8)) GB/s."""
    found = of_groups("L4", 16, network=8.0)
    assert found.reduce_bandwidth[0] / 1e9 == pytest.approx(1 / (1 / 5.568 + 1 / 5.6), rel=1e-3)
    assert found.reduce_latency_s[0] > 2 * NETWORK_LATENCY_S


def test_all_to_all_moves_as_much_as_a_ring():
    """Four L4: a ring moves 2 * 3/4 of the message at 9.36 GB/s: 14.0 GB/s."""
    assert of_groups("L4", 4).exchange_bandwidth[0] / 1e9 == pytest.approx(14.05, rel=1e-3)


def test_stages_of_a_node_hand_over_on_the_bridge():
    """Half of 31.5 GB/s between two stages of four cards; over the network between nodes."""
    found = of_groups("L4", 4, 8, network=4.0)
    assert found.hop_bandwidth / 1e9 == pytest.approx([15.75, 0.7 * 4 / 8])


def test_more_cards_never_exchange_faster():
    for name in ("L4", "A100 80GB PCIe", "H200 NVL 141GB", "RTX 4090", "H100 80GB SXM5"):
        reached = of_groups(name, 2, 4, 8).reduce_bandwidth
        assert np.all(np.diff(reached) <= 0)


def test_links_of_unknown_rate_are_taken_for_a_host_link_each():
    """Inferentia2 in a node of 12: 0.6 * 15.75 * 12 / (2 * 11) = 5.15 GB/s."""
    found = of_groups("Inferentia2", 12, node=12)
    assert found.reduce_bandwidth[0] / 1e9 == pytest.approx(5.15, rel=1e-2)
