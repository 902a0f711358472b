"""Bursts that a plan gives to every replica at once, though routing would spread them."""

from types import SimpleNamespace

import pytest

from recommender.explanation.burst_warnings import burst_warnings, bursts_stop


def warned(burstiness, *deployments):
    """Warnings of a plan of (share, replicas) per deployment."""
    request = SimpleNamespace(workload=SimpleNamespace(burstiness=burstiness))
    hosts = [SimpleNamespace(share=share, dp=dp, pool="") for share, dp in deployments]
    return tuple(burst_warnings(request, SimpleNamespace(deployments=hosts)))


def test_by_hand():
    """c = 3, 64 replicas: cv = sqrt(1 + (9 - 1)/64) = 1.06; B = 2 from 8/(4 - 1) = 2.7 -> 3 on."""
    (text,) = warned(3.0, (1.0, 64))
    assert "each of the 64 replicas is sized for bursts of cv 3 of its own" in text
    assert "one sees cv 1.06: then --burstiness 2 is about what plans of 3 equal" in text


def test_the_replica_with_the_largest_share_counts():
    """0.8/4 = 0.2 of the requests, not 0.2/16: cv = sqrt(1 + 0.2*3) = 1.26; 3/0.44 -> 7."""
    (text,) = warned(2.0, (0.8, 4), (0.2, 16))
    assert "each of the 20 replicas" in text and "cv 1.26" in text
    assert "--burstiness 1.2 is about what plans of 7 equal" in text


@pytest.mark.parametrize(("burstiness", "replicas"), [(1.0, 1000), (1.5, 1000), (5.0, 4), (5.0, 1)])
def test_little_to_say(burstiness, replicas):
    assert not warned(burstiness, (1.0, replicas))


def test_pools_mix_the_streams_of_their_senders_already():
    request = SimpleNamespace(workload=SimpleNamespace(burstiness=5.0))
    hosts = [SimpleNamespace(share=1.0, dp=9, pool=pool) for pool in ("prefill", "decode")]
    assert not tuple(burst_warnings(request, SimpleNamespace(deployments=hosts)))


def test_where_no_replica_holds_any_rate():
    """c = 10.1: (102.01 - 1)/(4 - 1) = 33.7 -> 34 replicas; nothing of arrivals near Poisson's."""
    (text,) = bursts_stop(10.1)
    assert text.startswith("bursts: every replica is to take cv 10.1 by itself")
    assert "--burstiness 2 is about what plans of 34 equal replicas" in text
    assert not tuple(bursts_stop(1.04))
