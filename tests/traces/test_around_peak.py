"""The busiest minute of a superposed trace, over and over: the same requests, no others in it."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.traces.around_peak import LEAD_S, PAUSE_S, TAIL_S, around_peak
from recommender.traces.superpose import Superposition, superpose
from recommender.traces.trace import Blocks, Trace


def made(seconds: float = 3600.0, busy_from_s: float = 1500.0) -> Trace:
    """One request a second, four a second in one minute; the prompt is the second it comes in."""
    times = np.sort(
        np.concatenate([np.arange(0.5, seconds), busy_from_s + np.arange(180) / 3.0 + 0.1])
    )
    times -= times[0]
    count = times.size
    return Trace(
        "made", "compact", times, times.astype(np.int64) + 1, np.ones(count, np.int64), None, ()
    )


@pytest.mark.parametrize("rate", [2.0, 4.0, 30.0])
def test_every_pass_brings_the_busiest_minute_at_its_rate(rate: float) -> None:
    whole = superpose(made(), requests_per_s=rate)
    around = around_peak(whole)
    stream = around.stream(share=1.0, passes=20, ranks=1, seed=0)
    assert np.all(np.diff(stream.arrival) >= 0)
    inside = around.in_peak(stream.arrival)
    expected = 20 * 60 * rate
    assert np.count_nonzero(inside) == pytest.approx(expected, abs=5 * expected**0.5)
    passes = around.pass_of(stream.arrival)
    assert np.unique(passes).tolist() == list(range(20))
    since = stream.arrival - passes * around.period_s
    assert since.min() >= 0.0 and since.max() < LEAD_S + 60 + TAIL_S
    assert around.period_s == LEAD_S + 60 + TAIL_S + PAUSE_S


def test_it_is_the_same_minute_as_in_the_whole_trace() -> None:
    """One copy, nothing thinned: the requests of seconds 1,500 to 1,560, all of them."""
    trace = made()
    peak = np.bincount((trace.arrival_s // 60).astype(int)).max() / 60
    whole = superpose(trace, requests_per_s=float(peak))
    around = around_peak(whole)
    stream = around.stream(share=1.0, passes=2, ranks=1, seed=0)
    inside = around.in_peak(stream.arrival) & (around.pass_of(stream.arrival) == 1)
    start = whole.peak_start_s
    expected = trace.input_tokens[(trace.arrival_s >= start) & (trace.arrival_s < start + 60)]
    assert np.sort(stream.input_tokens[inside]).tolist() == np.sort(expected).tolist()
    assert around.mean_requests_per_s * around.period_s == pytest.approx(stream.arrival.size / 2)


def test_a_minute_at_the_start_has_the_end_of_the_trace_before_it() -> None:
    """As replays wrap around."""
    trace = made(busy_from_s=0.0)
    around = around_peak(superpose(trace, requests_per_s=4.0))
    stream = around.stream(share=1.0, passes=1, ranks=1, seed=0)
    lead = stream.input_tokens[stream.arrival < LEAD_S]
    assert lead.min() > 3600 - LEAD_S - 5


def test_of_a_short_trace_it_is_all() -> None:
    trace = made(seconds=150.0, busy_from_s=60.0)
    whole = superpose(trace, requests_per_s=3.9)  # less than its own: one copy, thinned
    around = around_peak(whole)
    stream = around.stream(share=1.0, passes=1, ranks=1, seed=0)
    all_of_it = Superposition.stream(whole, share=1.0, passes=1, ranks=1, seed=0)
    assert stream.arrival.size == pytest.approx(all_of_it.arrival.size, abs=2)
    assert np.count_nonzero(around.in_peak(stream.arrival)) == pytest.approx(3.9 * 60, abs=12)


def test_a_prefix_cache_gets_an_hour_and_passes_share_no_blocks() -> None:
    trace = made(seconds=3 * 3600.0, busy_from_s=2 * 3600.0)
    hashes = [(7,)] * len(trace)
    around = around_peak(superpose(replace(trace, blocks=Blocks.of(hashes)), requests_per_s=3.9))
    assert around.lead_s == 3600.0
    stream = around.stream(share=1.0, passes=2, ranks=1, seed=0)
    assert stream.prefixes is not None
    assert np.unique(stream.prefixes.copies).size == 2
