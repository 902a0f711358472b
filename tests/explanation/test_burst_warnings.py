"""Bursts that a plan leaves to random routing to spread."""

from types import SimpleNamespace

import pytest

from recommender.explanation.burst_warnings import burst_warnings
from recommender.stream import Stream


def warned(burstiness, *deployments):
    """Warnings of a plan of 64 requests/s, of (requests/s, replicas) per deployment."""
    stream = Stream(burstiness, 64.0)
    request = SimpleNamespace(workload=SimpleNamespace(stream=stream))
    hosts = [SimpleNamespace(requests_per_s=rate, dp=dp) for rate, dp in deployments]
    return tuple(burst_warnings(request, SimpleNamespace(deployments=hosts)))


def test_by_hand():
    """c = 3, 64 replicas: cv = sqrt(1 + (9 - 1)/64) = 1.06."""
    (text,) = warned(3.0, (64.0, 64))
    assert text.startswith("bursts of cv 3 leave cv 1.06 at the replica with most requests")
    assert "--headroom" in text and "verify PLAN --trace" in text


def test_the_replica_with_the_largest_share_counts():
    """0.8/4 = 0.2 of the requests, not 0.2/16: cv = sqrt(1 + 0.2*3) = 1.26."""
    (text,) = warned(2.0, (0.8 * 64, 4), (0.2 * 64, 16))
    assert "leave cv 1.26 at" in text


@pytest.mark.parametrize(("burstiness", "replicas"), [(1.0, 1000), (1.5, 1000), (5.0, 1)])
def test_little_to_say(burstiness, replicas):
    assert not warned(burstiness, (64.0, replicas))
