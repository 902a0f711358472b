"""Percentiles over a rate that changes: levels, passes of the simulator, and largest rates."""

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity
from recommender.queueing.largest_rate import largest_rate
from recommender.queueing.latency import latency, target_s
from recommender.queueing.over_profile import simulate_workload
from recommender.queueing.simulated import BATCHES
from recommender.queueing.simulated_rate import holds, simulated_rate
from recommender.rate_profile import RateProfile
from recommender.slo import Slo, Target
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
SLO = Slo((Target("ttft", 0.3), Target("tpot", 0.05)))


def _lengths() -> Lengths:
    random = np.random.default_rng(0)
    inputs = np.exp(random.normal(6.6, 0.8, 5000)).astype(np.int64) + 1
    outputs = np.exp(random.normal(4.8, 0.9, 5000)).astype(np.int64) + 1
    return Lengths(np.minimum(inputs, 8_000), np.minimum(outputs, 2_000))


LENGTHS = _lengths()


def workload(*relative: float, window_s: float = 60.0) -> Workload:
    profile = RateProfile(np.array(relative), window_s) if relative else None
    return Workload("w", 1.0, LENGTHS, rate_profile=profile)


HALF_QUIET = (0.4,) * 10 + (1.0,) * 10


def test_levels_share_out_all_requests_and_keep_their_mean_rate() -> None:
    profile = RateProfile(np.array([0.5, 1.0, 0.5]), 60.0)
    levels = profile.levels(safe=False)
    assert sum(share for share, _ in levels) == pytest.approx(1.0)
    # half of the requests come at 0.5 and half at 1: 0.5*0.5 + 0.5*1
    assert sum(share * rate for share, rate in levels) == pytest.approx(0.75)
    assert profile.mean == pytest.approx(2 / 3)
    safe = profile.levels(safe=True)
    assert all(high >= low for (_, high), (_, low) in zip(safe, levels, strict=True))
    assert safe[-1][1] == 1.0


def test_a_flat_profile_has_the_largest_rate_and_the_percentile_of_the_peak_alone() -> None:
    flat, alone = workload(*(1.0,) * 12), workload()
    assert largest_rate(LAW, flat, SLO) == pytest.approx(largest_rate(LAW, alone, SLO), rel=1e-6)
    for target in SLO.targets:
        assert target_s(LAW, flat, target, 5.0) == pytest.approx(target_s(LAW, alone, target, 5.0))


def test_a_flat_profile_simulates_the_arrivals_of_the_peak_alone() -> None:
    rate = float(largest_rate(LAW, workload(), SLO)[0])
    flat = simulate_workload(LAW, workload(*(1.0,) * 12), rate, requests=40_000, seed=3)
    alone = simulate_workload(LAW, workload(), rate, requests=40_000, seed=3)
    assert flat.percentile("ttft", 0.99) == pytest.approx(alone.percentile("ttft", 0.99), rel=0.05)


def test_a_run_goes_through_whole_passes_whose_batches_each_sample_the_profile() -> None:
    profile = HALF_QUIET
    run = simulate_workload(LAW, workload(*profile), 4.0, requests=10_000, seed=1)
    # a pass of 20 minutes has 60*4*(10*0.4 + 10*1) = 3,360 requests: three of them are needed
    assert run.batch is not None
    assert run.ttft_s.size == pytest.approx(3 * 3_360, rel=0.05)
    sizes = np.bincount(run.batch, minlength=BATCHES)
    assert sizes.min() > 0.8 * sizes.mean()  # 2 of 20 windows a pass: one quiet, one busy
    assert np.all(np.diff(run.arrival_s) >= 0.0)
    assert run.gaps.sum(axis=1).min() > 0.0


def test_requests_come_where_the_profile_says() -> None:
    run = simulate_workload(LAW, workload(0.25, 1.0), 20.0, requests=10_000, seed=1)
    minute = ((run.arrival_s - run.arrival_s[0]) // 60.0).astype(int) % 2
    # 60*20*0.25 = 300 of 1,500 requests of a pass come in its quiet minute
    assert (minute == 0).mean() == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("factor", ["central", "upper", "lower"])
def test_the_longer_it_is_quiet_the_more_a_replica_carries(factor: str) -> None:
    profiles = [(0.5,) * quiet + (1.0,) * (4 - quiet) for quiet in range(4)]
    rates = [
        float(largest_rate(LAW, workload(*p), SLO, factor=factor)[0])  # type: ignore[arg-type]
        for p in profiles
    ]
    assert rates == sorted(rates)
    # capped by the capacity in the peak
    assert rates[-1] <= float(capacity(LAW, LENGTHS)[0])


def test_the_simulated_rate_is_larger_with_a_quiet_half_and_near_the_closed_form() -> None:
    quiet, alone = workload(*HALF_QUIET), workload()
    guess = float(largest_rate(LAW, quiet, SLO)[0])
    found = simulated_rate(LAW, quiet, SLO, guess=guess)
    assert found.requests_per_s > simulated_rate(LAW, alone, SLO, guess=guess).requests_per_s
    assert found.requests_per_s == pytest.approx(guess, rel=0.12)
    assert found.requests_per_s <= float(largest_rate(LAW, quiet, SLO, factor="upper")[0])


def test_percentiles_by_formula_are_near_those_simulated() -> None:
    quiet = workload(*HALF_QUIET)
    rate = float(largest_rate(LAW, quiet, SLO)[0])
    run = simulate_workload(LAW, quiet, rate, requests=60_000, seed=5)
    at = latency(LAW, LENGTHS, rate, levels=quiet.levels())
    assert at.ttft_s[0] == pytest.approx(run.percentile("ttft", 0.99), rel=0.15)
    assert at.tpot_s[0] == pytest.approx(run.percentile("tpot", 0.99), rel=0.15)


def test_a_rate_above_the_capacity_in_the_peak_is_refused() -> None:
    # one busy minute in 600: over all requests hardly any is late, and still it is overload
    peak = workload(*(0.02,) * 599, 1.0)
    loose = Slo((Target("ttft", 5.0, 0.5),))
    rate = 1.05 * float(capacity(LAW, LENGTHS)[0])
    assert holds(LAW, peak, loose, rate, requests=20_000) == "breaks"


def test_thinning_keeps_the_busiest_window_and_never_lowers_the_mean() -> None:
    random = np.random.default_rng(2)
    rates = random.uniform(0.2, 1.0, 1440)
    profile = RateProfile(rates / rates.max(), 60.0)
    thin = profile.thinned(60)
    assert thin.relative.size == 60
    assert thin.relative.max() == 1.0
    # of 24 neighbours the busiest: 12 of 1,440 windows higher on average
    assert profile.mean <= thin.mean <= profile.mean + 0.02


def test_rates_that_are_not_relative_to_the_busiest_window_are_refused() -> None:
    for wrong in ([0.5, 0.9], [], [-0.1, 1.0]):
        with pytest.raises(ValueError, match="rates"):
            RateProfile(np.array(wrong), 60.0)


@pytest.mark.slow
def test_upper_limits_over_a_trend_hold_as_often_as_they_say() -> None:
    ramp = workload(*np.concatenate([np.linspace(0.4, 1.0, 20), np.linspace(1.0, 0.4, 20)]))
    rate = float(largest_rate(LAW, ramp, SLO)[0])
    truth = simulate_workload(LAW, ramp, rate, requests=2_000_000, seed=9)
    for metric in ("ttft", "tpot"):
        true_s = truth.percentile(metric, 0.99)  # type: ignore[arg-type]
        above = [
            simulate_workload(LAW, ramp, rate, requests=40_000, seed=100 + k).upper_limit(
                metric,
                0.99,  # type: ignore[arg-type]
            )
            >= true_s
            for k in range(60)
        ]
        assert np.mean(above) >= 0.89  # 95 % are meant; sqrt(0.95*0.05/60) = 2.8 % twice less
