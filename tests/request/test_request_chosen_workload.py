"""The workload that a spec names, and the period in which its rates must hold."""

import pytest

from catalog.loader import load
from recommender.request.request import resolve
from recommender.request.spec_file import make_spec
from recommender.workload import Workload

PERIODS = "0-8h:0%,8-12h:20%,12-24h:100%"


def asked(**more: object) -> Workload:
    return resolve(make_spec({"model": "8b", "qps": 100, "p99": "300ms", **more}), load()).workload


@pytest.mark.parametrize("burstiness", [0.05, 0.5, 1.0])
def test_without_bursts_rates_are_those_of_the_peak(burstiness: float) -> None:
    """0.05 over a day: rates of its quietest period, with hardly a wait, broke 150 ms by a third.

    Of 3 requests/s a replica gets all, 50 ms and more apart; of 60 a third, nearly at random.
    """
    found = asked(burstiness=burstiness, profile=PERIODS)
    assert found.least_requests_per_s is None
    assert found.quietest is found


def test_with_bursts_rates_are_those_of_the_quietest_period_with_demand() -> None:
    found = asked(burstiness=4, profile=PERIODS)
    assert found.least_requests_per_s == pytest.approx(20.0)
    assert found.quietest.requests_per_s == pytest.approx(20.0)
    assert asked(burstiness=4).least_requests_per_s is None


def test_a_service_below_a_traces_rate_gets_a_random_part_of_its_arrivals() -> None:
    """Code completions: cv 4.42 at 10.53/s; at 1.053/s sqrt(1 + (4.42^2 - 1)/10) = 1.69."""
    small, large = (asked(qps=qps, workload="code") for qps in ("1.053", "200"))
    assert small.burstiness == pytest.approx(1.69, abs=0.005)
    assert small.drawn_from is not None and small.drawn_from.burstiness == 4.42
    assert large.burstiness == 4.42 and large.drawn_from is None
    stated = asked(qps="1.053", workload="code", burstiness="4.42")
    assert stated.burstiness == 4.42 and stated.drawn_from is None
