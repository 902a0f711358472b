"""All-reduces among more accelerators than were measured go on as the last two did, and say so."""

from types import SimpleNamespace

import numpy as np
import pytest

import catalog
from catalog.calibration import load_calibration
from recommender import Spec
from recommender.explanation.warnings import _larger_than_measured
from recommender.hardware import Hardware
from recommender.performance.interconnect import _measured, links

CARDS = catalog.load().accelerators
RACK = "GB200 186GB (per GPU, NVL72)"


def reached(*groups):
    sizes = np.array(groups, dtype=float)
    hardware = Hardware(CARDS[RACK], 4, 100.0)
    return links(hardware=hardware, tp=sizes, stage=sizes, calibration=load_calibration())


def test_beyond_the_largest_measured_group():
    """GB200: 345 GB/s among 4 and 245 among 8, so 245 * 245/345 = 174 among 16, and 124 among 32;
    6.4 and 7.0 us: 7.0 * 7.0/6.4 = 7.66 us.
    """
    found = reached(4, 8, 16, 32)
    assert found.reduce_bandwidth / 1e9 == pytest.approx([345, 245, 173.99, 123.55], rel=1e-3)
    assert found.reduce_latency_s[2] * 1e6 == pytest.approx(7.66, rel=1e-2)


def test_more_accelerators_never_exchange_faster():
    found = reached(*range(2, 73))
    assert np.all(np.diff(found.reduce_bandwidth) <= 0)
    assert np.all(np.diff(found.reduce_latency_s) >= 0)


@pytest.mark.parametrize("latencies", [(0.0, 0.0), (0.0, 5e-6), (5e-6, 0.0)])
def test_latency_that_is_stated_as_none_does_not_grow(latencies):
    found = _measured(np.array([8.0, 16.0]), np.array([2.0, 8.0]), np.array(latencies))
    assert found.tolist() == [latencies[1], latencies[1]]


def test_measured_groups_up_to_the_largest():
    calibration = load_calibration()
    assert calibration.largest_all_reduce(accelerator=RACK) == 8
    assert calibration.largest_all_reduce(accelerator="L4") == 0


@pytest.mark.parametrize(
    ("accelerator", "tp", "said"), [(RACK, 16, True), (RACK, 8, False), ("L4", 8, False)]
)
def test_plans_say_so(accelerator, tp, said):
    deployment = SimpleNamespace(name="deployment 1", accelerator=accelerator, tp=tp)
    request = SimpleNamespace(spec=Spec(model="8b", qps="1", p99="1s"))
    found = list(_larger_than_measured(request, SimpleNamespace(deployments=[deployment])))
    assert bool(found) is said
    assert all("all-reduces of 16 accelerators were never measured" in one for one in found)
