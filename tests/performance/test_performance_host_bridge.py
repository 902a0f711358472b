"""Cards without a scale-up link exchange data over the host bridge, never over a placeholder."""

import numpy as np
import pytest

import catalog
from catalog.calibration import load_calibration
from recommender.hardware import Hardware
from recommender.performance.interconnect import links


@pytest.mark.parametrize("name", ["L40S", "L4", "H100 80GB PCIe", "RTX PRO 6000 Blackwell Server"])
def test_tensor_groups_in_a_node_reach_the_host_bridge(name):
    """A ring of 4 at 0.7 * 31.5 GB/s: 0.7 * 31.5 * 4 / (2 * 3) = 14.7 GB/s."""
    card = catalog.load().accelerators[name]
    hardware = Hardware(card, 8)
    assert hardware.domain in (1, 2)
    groups = np.array([4.0])
    found = links(hardware=hardware, tp=groups, stage=groups, calibration=load_calibration())
    host = card.host_link_gb_per_s * 1e9
    assert found.reduce_bandwidth[0] > 0.2 * host
    assert found.reduce_bandwidth[0] < 2 * host
