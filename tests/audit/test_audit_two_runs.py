"""A stated p99 and its replay are two runs: their difference has twice the variance of one."""

from types import SimpleNamespace

import pytest

from recommender.audit import latency
from recommender.slo import Target


@pytest.mark.parametrize(("stated_s", "holds"), [(0.87, True), (0.85, False)])
def test_a_stated_p99_may_be_lower_by_the_half_width_of_a_difference(monkeypatch, stated_s, holds):
    """1 s in the replay, give or take 0.1 s: 1 - sqrt(2) * 0.1 = 0.859 s."""
    run = SimpleNamespace(estimate=lambda target, confidence: (1.0, 0.1))
    monkeypatch.setattr(latency, "replica_run", lambda *_: run)
    monkeypatch.setattr(latency, "_stated", lambda *_: (stated_s,))
    target = Target("ttft", 2.0)
    d = SimpleNamespace(
        name="d1", dp=1, requests_per_s=1.0, max_requests_per_s=2.0, rate_basis=latency.SIMULATED
    )
    spec = SimpleNamespace(goodput=None)
    monkeypatch.setattr(latency, "_joined", lambda *_: False)
    found = list(latency._replay(d, spec, (target,), None))
    said = next(f for f in found if "no better than a replay" in f.promise)
    assert said.stated == pytest.approx(0.8586, abs=1e-4)
    assert said.holds is holds
