"""The batch of a server that keeps its limits for 99 % of its requests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measurement_rows import questions, value

from catalog.calibration import load_calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.server_batch import STEP, Z_99, in_flight_deviation, server_batch
from recommender.accuracy.timing import Timing

SERVER = {
    "kind": "throughput", "metric": "output_tokens_per_s_server", "unit": "tok/s",
    "concurrency_or_batch": "", "engine": "TensorRT-LLM", "engine_version": "1.0", "isl": "1024",
    "osl": "256",
}  # fmt: skip


def limits(tpot_ms, ttft="2s"):
    return {**SERVER, "notes": f"p99 limits TTFT<={ttft} TPOT<={tpot_ms}ms"}


def served(**changes):
    """(mean batch, places, TPOT at a batch) of a server of one replica."""
    (question,) = questions(changes)
    calibration = load_calibration()
    table = scenario_table([question.scenario], calibration)
    constants = load_constants([question.scenario], calibration)
    places = batch_of(table, [question.scenario], [question.load])
    found = server_batch(table, constants, [question.load], places)

    def tpot(batch):
        return Timing(table, constants, np.array([batch])).tpot[0]

    return found[0], places[0], tpot


def deviation(batch, *, fixed_ms, each_ms, ranks=1.0):
    """s where TPOT = fixed + each * B."""
    at = np.array([batch])
    now, later = fixed_ms + each_ms * at, fixed_ms + each_ms * STEP * at
    return in_flight_deviation(at, now, later, ranks=np.array([ranks]))[0]


def test_deviation_by_hand():
    """TPOT = 10 + 0.1 B ms at 100: s^2 = 100 + 0.1/10 * 100^2 = 200."""
    assert deviation(100.0, fixed_ms=10.0, each_ms=0.1) == pytest.approx(200**0.5, rel=0.01)


def test_without_work_per_sequence_arrivals_are_all_the_noise():
    """TPOT the same at any batch: M/G/infinity, whose number in flight is Poisson."""
    assert deviation(400.0, fixed_ms=10.0, each_ms=0.0) == pytest.approx(20.0)


def test_ranks_share_one_scatter():
    """Four ranks, 100 each: 400 in flight, sqrt(4 * 200) = 28.3, so that 7.07 are of one rank."""
    four = deviation(100.0, fixed_ms=10.0, each_ms=0.1, ranks=4.0)
    assert four == pytest.approx((4 * 200) ** 0.5 / 4, rel=0.01)


@given(batch=st.floats(1, 4096), fixed=st.floats(0.1, 100), each=st.floats(0, 10))
def test_no_fewer_scatter_than_of_a_poisson_number(batch, fixed, each):
    assert deviation(batch, fixed_ms=fixed, each_ms=each) >= batch**0.5 * 0.999


@given(batch=st.floats(1, 4096), each=st.floats(0, 10), more=st.floats(0, 10))
def test_work_per_sequence_widens(batch, each, more):
    slower = deviation(batch, fixed_ms=10.0, each_ms=each + more)
    assert slower >= deviation(batch, fixed_ms=10.0, each_ms=each) * 0.999


def test_the_99th_percentile_of_tpot_is_at_its_limit():
    batch, places, tpot = served(**limits(60))
    now, later = tpot(batch), tpot(STEP * batch)
    (spread,) = in_flight_deviation(
        np.array([batch]), np.array([now]), np.array([later]), ranks=np.array([1.0])
    )
    assert batch + Z_99 * spread < places
    # eight more sequences are multiplied at once, as many as a captured graph is larger
    assert tpot(batch + Z_99 * spread) == pytest.approx(0.060, rel=0.02)


def test_the_percentile_waits_for_a_place_no_longer_than_the_limit_of_ttft():
    """No limit of TPOT to speak of: (B + z*s - N) * o * TPOT / B is the limit, 4 s."""
    batch, places, tpot = served(**limits(9_000, ttft="4s"))
    now, later = tpot(batch), tpot(STEP * batch)
    (spread,) = in_flight_deviation(
        np.array([batch]), np.array([now]), np.array([later]), ranks=np.array([1.0])
    )
    wait = (batch + Z_99 * spread - places) * 256 * now / batch
    assert wait == pytest.approx(4.0, abs=0.1)


def test_servers_serve_less_than_the_same_hardware_offline():
    offline = value(**{**SERVER, "metric": "output_tokens_per_s_offline"})
    rates = [value(**limits(limit)) for limit in (30, 60, 120, 9_000)]
    assert rates == sorted(rates)
    assert rates[0] < rates[1] < rates[-1] < offline


def test_patience_lets_in_more():
    batches = [served(**limits(9_000, ttft=ttft))[0] for ttft in ("1s", "4s", "16s")]
    assert batches == sorted(batches)
    assert batches[0] < batches[-1] <= served(**limits(9_000))[1]


def test_loads_without_a_limit_keep_all_places():
    batch, places, _ = served(**{**SERVER, "metric": "output_tokens_per_s_offline"})
    assert batch == places


def test_a_limit_that_one_sequence_breaks_is_taken_to_be_one_and_a_half_of_it():
    batch, _, tpot = served(**limits(1))
    assert batch >= 1
    assert tpot(batch) <= 1.5 * tpot(1.0)
