"""Burstiness is that of the busiest minutes: by hand, of renewal arrivals, and against silence."""

import numpy as np
import pytest

from recommender.traces.burstiness import GapSums, burstiness_of_counts, busiest_windows

RANDOM = 7


def found(times: np.ndarray) -> float:
    sums = GapSums()
    sums.add(times)
    return sums.burstiness()


def found_rounded(times: np.ndarray, tick_s: int) -> float | None:
    places = (times // tick_s * tick_s).astype(np.int64)
    return burstiness_of_counts(np.bincount(places - places[0]))


def renewal(cv: float, *, rate: float, seconds: float) -> np.ndarray:
    """Gamma gaps of this coefficient of variation, from 0 on."""
    random = np.random.default_rng(RANDOM)
    gaps = random.gamma(1 / cv**2, cv**2 / rate, int(1.3 * rate * seconds) + 2000)
    times = np.cumsum(gaps)
    return times[times < seconds] - times[0]


def test_gaps_inside_one_minute_by_hand() -> None:
    # 20 gaps of 1 and 3 s in turn: mean 2, deviation 1; the gaps of 960 and 1000 s are in no minute
    minute = np.concatenate([[0.0], np.cumsum(np.tile([1.0, 3.0], 10))])
    assert found(np.concatenate([minute, [1000.0, 2000.0]])) == pytest.approx(0.5)


def test_the_median_is_over_the_busiest_fifth_and_no_less_than_three_minutes() -> None:
    counts = np.array([19.0, *range(20, 40)])
    # 20 of 21 are filled; a fifth of them is 4
    assert counts[busiest_windows(counts, overlap=1)].tolist() == [36.0, 37.0, 38.0, 39.0]
    assert counts[busiest_windows(counts[:6], overlap=1).nonzero()].tolist() == [22.0, 23.0, 24.0]
    # two minutes that have enough are two, of overlapping ones as many as make three
    assert busiest_windows(counts[:3], overlap=1).tolist() == [False, True, True]
    assert busiest_windows(counts, overlap=4).sum() == 12
    assert not busiest_windows(counts[:1], overlap=1).any()


def test_windows_that_are_as_busy_as_the_last_one_count_wherever_they_are() -> None:
    assert busiest_windows(np.full(30, 25.0), overlap=1).all()


def test_quiet_minutes_do_not_count() -> None:
    # 20 minutes of random arrivals at 2/s, then 10 of even ones at 20/s
    random = renewal(1.0, rate=2.0, seconds=1200.0)
    even = 1200.0 + np.arange(12_000) / 20.0
    assert found(random) == pytest.approx(1.0, abs=0.1)
    assert found(np.concatenate([random, even])) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("silence_s", [60.0, 600.0, 36_000.0])
def test_silence_does_not_make_arrivals_bursty(silence_s: float) -> None:
    """Ten bursts of five minutes; the gaps between them would give a cv of 3 to over 100."""
    busy = renewal(1.0, rate=5.0, seconds=3000.0)
    times = busy + silence_s * (busy // 300.0)
    assert found(times) == pytest.approx(found(busy), abs=0.05)
    gaps = np.diff(times)
    assert gaps.std() / gaps.mean() > 3.0


@pytest.mark.parametrize(("cv", "tolerance"), [(0.5, 0.02), (1.0, 0.03), (2.0, 0.08), (4.5, 0.4)])
def test_the_burstiness_of_renewal_arrivals_is_found(cv: float, tolerance: float) -> None:
    assert found(renewal(cv, rate=20.0, seconds=3600.0)) == pytest.approx(cv, abs=tolerance)


def test_where_the_log_starts_hardly_matters() -> None:
    times = renewal(4.5, rate=5.0, seconds=3600.0)
    results = [found(times[times >= start] - start) for start in range(0, 60, 5)]
    assert np.std(results) / np.mean(results) < 0.04


def test_times_may_come_in_parts_and_begin_anywhere() -> None:
    times = renewal(3.0, rate=5.0, seconds=1800.0)
    sums = GapSums()
    for start in range(0, times.size, 501):
        sums.add(1e6 + times[max(start - 1, 0) : start + 501])
    assert sums.burstiness() == pytest.approx(found(times), rel=1e-6)


def test_thin_traces_take_five_minutes_and_very_thin_ones_all_gaps() -> None:
    # 12 a minute: 60 in 300 s, of which gaps of 2 and 8 s have a mean of 5 and a deviation of 3
    thin = np.cumsum(np.tile([2.0, 8.0], 300))
    assert found(thin) == pytest.approx(0.6, abs=0.01)
    assert found(np.concatenate([thin, thin[-1] + 1e6 + thin])) == pytest.approx(0.6, abs=0.01)
    # 10 in 300 s: gaps of 10, 10, 70 s have a mean of 30 and a deviation of sqrt(800)
    very_thin = np.concatenate([[0.0], np.cumsum(np.tile([10.0, 10.0, 70.0], 100))])
    assert found(very_thin) == pytest.approx(np.sqrt(800.0) / 30.0)


@pytest.mark.parametrize("tick_s", [1, 2, 3, 5])
@pytest.mark.parametrize("rate", [5.0, 50.0])
def test_rounded_times_keep_their_burstiness(tick_s: int, rate: float) -> None:
    """Parts of a minute are whole ticks: 10 s with three or four ticks of 3 s vary by themselves.

    At 50/s a tick has 150 requests, and 10/3 ticks on average with a variance of 2/9:
    150^2*(2/9)/500 = 10 on top of the index of 1 that Poisson arrivals have.
    """
    poisson = renewal(1.0, rate=rate, seconds=3600.0)
    assert found_rounded(poisson, tick_s) == pytest.approx(1.0, abs=0.15)
    bursty = renewal(3.0, rate=rate, seconds=3600.0)
    assert found_rounded(bursty, tick_s) == pytest.approx(3.0, rel=0.2)


def test_slow_changes_of_rounded_times_are_no_bursts() -> None:
    """A rate between 2 and 18 a second over 20 minutes: 10 s counts vary 33 times as Poisson's."""
    even = renewal(1.0, rate=1.0, seconds=36_000.0)
    # inverse of the integral of 10 - 8*cos(2*pi*t/1200)
    clock = np.arange(0.0, 3600.0, 0.1)
    passed = np.cumsum(10.0 - 8.0 * np.cos(2 * np.pi * clock / 1200.0)) * 0.1
    times = np.interp(even[even < passed[-1]], passed, clock)
    tens = np.bincount((times // 10).astype(np.int64))[:-1]
    assert tens.var() / tens.mean() > 25.0
    assert found_rounded(times, 1) == pytest.approx(1.0, abs=0.1)


def test_times_a_little_before_the_tick_belong_to_it() -> None:
    """Ticks of 2.999 s on some clocks, of 3.001 s on others."""
    times = renewal(1.0, rate=20.0, seconds=3600.0)
    drifting = times // 3 * 3 + np.where(times // 3 % 7 < 3, -0.001, 0.001)
    per_second = np.bincount((drifting - drifting[0]).astype(np.int64))
    assert burstiness_of_counts(per_second) == pytest.approx(1.0, abs=0.15)


def test_rounded_times_of_less_than_a_minute_tell_nothing() -> None:
    assert burstiness_of_counts(np.full(50, 5)) is None
    assert burstiness_of_counts(np.tile([2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 30)) is None


def test_a_rate_that_moves_inside_minutes_is_seen_in_counts() -> None:
    """40/s for 10 s in every 20 s, else 8/s: gaps hardly tell, counts do.

    Six parts of 10 s have 400 and 80 in turn: mean 240, variance 6/5*160^2 = 30720, and 240 more
    for the randomness itself: sqrt(30960/240) = 11.4.
    """
    random = np.random.default_rng(RANDOM)
    counts = random.poisson(np.tile(np.repeat([40.0, 8.0], 10), 180))
    times = np.sort(np.repeat(np.arange(3600.0), counts) + random.random(counts.sum()))
    per_second = np.bincount(times.astype(np.int64))
    assert burstiness_of_counts(per_second) == pytest.approx(np.sqrt(30_960 / 240), rel=0.05)
    # 5/6 of the gaps are of 1/40 s, 1/6 of 1/8 s: mean 1/24, second moment
    # 2*(5/6/1600 + 1/6/64) = 1/160
    assert found(times) == pytest.approx(np.sqrt(24**2 / 160 - 1), rel=0.05)
