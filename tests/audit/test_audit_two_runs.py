"""A stated p99 and its replay are two runs: what one alone finds low, others must find low too."""

from types import SimpleNamespace

import numpy as np
import pytest

from recommender.audit import latency, repeated
from recommender.audit.repeated import CONFIDENCE, SEED, Repeated
from recommender.slo import Target

TARGET = Target("ttft", 2.0)


def runs_of(found_s, half_s=0.02, others=(0.99, 1.01)):
    """The first replay finds `found_s` give or take `half_s`; others in turn what they are said."""

    def run(seed):
        value = found_s if seed == SEED else others[seed % len(others)]
        return SimpleNamespace(estimate=lambda target, confidence=0.95: (value, half_s))

    return Repeated(run)


@pytest.mark.parametrize(("stated_s", "holds"), [(0.97, True), (0.96, False)])
def test_a_stated_p99_may_be_lower_by_the_spread_of_runs(monkeypatch, stated_s, holds):
    """Mean 1 s, s = 0.01026 s over 20: 1 - 3.579 * 0.01026 * sqrt(1 + 1/20) = 0.9624 s."""
    run = runs_of(1.05)._run
    monkeypatch.setattr(latency, "replica_run", lambda d, rate, w, targets, seed=SEED: run(seed))
    monkeypatch.setattr(latency, "_stated", lambda *_: (stated_s,))
    d = SimpleNamespace(
        name="d1", dp=1, requests_per_s=1.0, max_requests_per_s=2.0, rate_basis=latency.SIMULATED
    )
    spec = SimpleNamespace(goodput=None)
    monkeypatch.setattr(latency, "_joined", lambda *_: False)
    found = list(latency._replay(d, spec, (TARGET,), None))
    said = next(f for f in found if "no better than a replay" in f.promise)
    assert said.stated == pytest.approx(0.9624, abs=1e-4)
    assert said.holds is holds


def test_nothing_is_replayed_again_that_one_replay_bears_out():
    """1 s give or take 0.1 s: two runs may differ by 0.141 s."""
    seeds = []

    def run(seed):
        seeds.append(seed)
        return SimpleNamespace(estimate=lambda target, confidence: (1.0, 0.1))

    assert Repeated(run).least_stated_s(TARGET, 0.9) == pytest.approx(1.0 - 0.1414, abs=1e-4)
    assert seeds == [SEED]


@pytest.mark.parametrize(("others", "holds"), [((1.9, 2.1), True), ((2.09, 2.11), False)])
def test_a_limit_is_broken_where_the_mean_of_all_runs_is_beyond_it(others, holds):
    """Limit 2 s; the first replay is beyond it, with confidence, both times."""
    assert (runs_of(2.2, others=others).lower_s(TARGET) <= TARGET.limit_s) is holds


@pytest.mark.parametrize(("others", "holds"), [((0.94, 0.96), True), ((0.949, 0.948), False)])
def test_a_share_is_missed_where_the_mean_of_all_runs_misses_it(others, holds):
    runs = Repeated(lambda seed: others[seed % 2])
    assert (runs.most_share(0.93, 0.95, lambda run: run) >= 0.95) is holds


def test_a_stated_share_may_be_higher_by_the_spread_of_runs():
    """Of one run: 0.95 + 3.579 * 0.00103 * sqrt(1 + 1/20) = 0.9538."""
    runs = Repeated(lambda seed: (0.949, 0.951)[seed % 2])
    most = runs.most_stated_share(0.94, 0.953, lambda run: run)
    assert most == pytest.approx(0.9538, abs=1e-4)
    assert most > runs.most_share(0.94, 0.953, lambda run: run)


def test_right_plans_are_called_broken_as_seldom_as_said():
    """10,000 right plans; as bad as can be: batches that say nothing of the spread of runs."""
    random = np.random.default_rng(5)
    broken = 0
    for _ in range(10_000):
        found = dict(zip((SEED, *repeated.OTHER_SEEDS), random.normal(1.0, 0.03, 21), strict=True))
        runs = Repeated(
            lambda seed, found=found: SimpleNamespace(
                estimate=lambda target, confidence=0.95: (found[seed], 0.0)
            )
        )
        stated_s = random.normal(1.0, 0.03)
        broken += stated_s < runs.least_stated_s(TARGET, stated_s)
    assert broken <= 10_000 * (1 - CONFIDENCE) * 2
