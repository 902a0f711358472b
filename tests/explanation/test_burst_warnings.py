"""Bursts that a plan leaves to random routing to spread."""

import re
from types import SimpleNamespace

import pytest

from recommender import Spec, recommend
from recommender.explanation.burst_warnings import burst_warnings
from recommender.slo import Target
from recommender.stream import Stream


def asked(burstiness, goodput=None):
    """A request of 64 requests/s in the peak."""
    slo = SimpleNamespace(primary=Target("ttft", 0.5), goodput=goodput)
    return SimpleNamespace(workload=SimpleNamespace(stream=Stream(burstiness, 64.0)), slo=slo)


def hosts(*deployments):
    """Of (requests/s, replicas) each."""
    return [SimpleNamespace(requests_per_s=rate, dp=dp) for rate, dp in deployments]


def warned(burstiness, *deployments, periods=(), goodput=None):
    """Warnings of a plan of 64 requests/s, of (requests/s, replicas) per deployment."""
    parts = SimpleNamespace(deployments=hosts(*deployments))
    return tuple(burst_warnings(asked(burstiness, goodput), parts, periods))


def period(from_h, to_h, rate, replicas, p99_s):
    """A period with one deployment; no replicas where there is no demand."""
    return SimpleNamespace(
        from_h=from_h,
        to_h=to_h,
        requests_per_s=rate,
        p99_s=p99_s if replicas else None,
        deployments=hosts((rate, replicas)) if replicas else (),
    )


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


def test_the_period_that_leaves_most_of_a_burst_is_named():
    """Two replicas at 1/s: cv = sqrt(1 + 8/2) = 2.24; four at 16/s: sqrt(1 + 8/4) = 1.73."""
    day = (
        period(0, 6, 1.0, 2, 0.31),
        period(6, 8, 16.0, 4, 0.45),
        period(8, 22, 64.0, 64, 0.40),
        period(22, 24, 0.0, 0, None),
    )
    (text,) = warned(3.0, (64.0, 64), periods=day)
    assert "leave cv 1.06 in the peak, and cv 2.24 in 0-6 h at 1/s, at the replica with" in text
    assert "TTFT p99 is nearest to its limit in 6-8 h" in text
    (text,) = warned(3.0, (64.0, 64), periods=day, goodput=0.9)
    assert "nearest" not in text


def test_a_peak_that_binds_is_not_said_twice():
    day = (period(0, 8, 60.0, 60, 0.39), period(8, 24, 64.0, 64, 0.40))
    (text,) = warned(3.0, (64.0, 64), periods=day)
    assert "leave cv 1.06 at the replica" in text and "nearest" not in text


def test_bursts_of_a_day_are_said_once_and_with_the_rate_of_the_period():
    """Five replicas at night, one of them of another kind: its share alone told nothing."""
    spec = Spec(
        model="8b", qps="50", workload="code", p99="500ms", fast=False, provider="nebius",
        profile="0-8h:30%,8-24h:100%", time_limit="15min",
    )  # fmt: skip
    plan = recommend(spec, front=False, explain=False)
    said = [text for text in plan.warnings if "bursts of cv" in text]
    assert len(said) == 1
    night = plan.periods[0]
    share = max(d.requests_per_s / d.dp for d in night.deployments) / night.requests_per_s
    met = (1 + share * (4.42**2 - 1)) ** 0.5
    found = re.search(r"and cv (\S+) in 0-8 h at 15/s,", said[0])
    assert found is not None and float(found[1]) == pytest.approx(met, rel=0.01)
