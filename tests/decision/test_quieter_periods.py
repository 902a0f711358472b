"""What share of its rate a replica is planned with in quieter periods, under bursts."""

import numpy as np
import pytest

from catalog.loader import load
from recommender.decision.day import day_of
from recommender.decision.quieter_periods import MOST, with_quieter_periods
from recommender.decision.rates import Rates, Trust, held_rate
from recommender.enumeration.of_models import enumerate_models
from recommender.queueing.largest_rate import largest_rate
from recommender.request.request import Request, resolve
from recommender.request.spec_file import make_spec
from recommender.workload import Lengths, Workload

PROFILE = "0-8h:30%,8-20h:100%,20-24h:60%"
LENGTHS = Lengths(np.array([500]), np.array([50]))
QUIETER = Workload("w", 50.0, LENGTHS, 4.0, quieter=((30.0, 0.8), (15.0, 0.5)))


def asked(**more: object) -> Request:
    spec = {"model": "8b", "qps": 50, "ttft_p99": "500ms", "gpu": "H100", "profile": PROFILE}
    request = resolve(make_spec(spec | more), load())
    return with_quieter_periods(request, enumerate_models(request))


@pytest.mark.parametrize(
    ("rate", "share"),
    [
        (50.0, 1.0),  # the peak
        (30.0, 0.8),
        (16.0, 0.5),  # of the next quieter one that was looked at
        (35.0, 0.8),
        (24.0, 0.64 * (1 + 1e-6)),  # the fleet of 30 of 0.8: 24/30 of it
        (45.0, 0.9 * (1 + 1e-6)),  # the fleet of the peak: 45 of 50
        (15.0, 0.5),
        (15.0 * (1 - 1e-15), 0.5),  # but for rounding
    ],
)
def test_shares_of_periods_by_hand(rate: float, share: float) -> None:
    assert QUIETER.share_at(rate) == pytest.approx(share, rel=1e-9)
    period = QUIETER.of_period(rate)
    assert (period.planned_share, period.requests_per_s) == (pytest.approx(share), rate)
    assert not period.quieter


def test_a_day_is_planned_for_more_where_replicas_carry_less() -> None:
    """15/0.5 = 30, 30/0.8 = 37.5 requests/s of replicas at their whole rate."""
    day = day_of(make_spec({"model": "8b", "qps": 50, "p99": "1s", "profile": PROFILE}), QUIETER)
    assert day is not None
    assert [block.demand_per_s for block in day.blocks] == pytest.approx([30.0, 50.0, 37.5])
    assert day.requests_per_s == (15.0, 50.0, 30.0)
    assert day.peak == 1


@pytest.mark.parametrize("percent", range(3, 100, 7))
def test_program_and_plan_of_a_period_have_one_share(percent: int) -> None:
    """A rate times its share over its share is not always the rate: 3.1999999999999997 of 3.2."""
    quieter = ((20 * (percent / 100), 0.137), (0.5, 0.03))
    workload = Workload("w", 20.0, LENGTHS, 4.0, quieter=quieter)
    profile = f"0-8h:{percent}%,8-24h:100%"
    day = day_of(make_spec({"model": "8b", "qps": 20, "p99": "1s", "profile": profile}), workload)
    assert day is not None
    for block, rate in zip(day.blocks, day.requests_per_s, strict=True):
        share = workload.of_period(rate).planned_share
        assert block.demand_per_s * share == pytest.approx(rate, rel=1e-12)


def test_every_kind_holds_its_share_in_every_period() -> None:
    request = asked(burstiness=4)
    law = enumerate_models(request).table.law
    rate = held_rate(law, request.workload, request.slo)
    for share in (1.0, 0.6, 0.3):
        period = request.workload.of_period(50.0 * share)
        held = largest_rate(law, period, request.slo)
        assert (rate * period.planned_share <= held * (1 + 1e-6)).all()
    peak = largest_rate(law, request.workload.of_period(50.0), request.slo)
    assert (rate >= 0.9 * peak).sum() > 0.3 * (peak > 0).sum()  # not those of the night


def test_shares_fall_with_the_rate_and_few_are_looked_at() -> None:
    hours = ",".join(f"{h}-{h + 1}h:{100 - 4 * h}%" for h in range(24))
    found = asked(burstiness=4, profile=hours).workload.quieter
    assert 1 < len(found) <= MOST
    assert list(found) == sorted(found, reverse=True)
    assert all(rate / 50.0 <= share <= 1.0 for rate, share in found)


@pytest.mark.parametrize("more", [{"burstiness": 1}, {"burstiness": 4, "profile": "0-24h:100%"}])
def test_nothing_is_looked_at_without_bursts_or_without_a_day(more: dict[str, object]) -> None:
    assert asked(**more).workload.quieter == ()


def test_a_period_is_assembled_at_its_share_of_rates() -> None:
    request = asked(burstiness=4)
    law = enumerate_models(request).table.law
    book = Rates(law, request.workload, request.slo, Trust.CENTRAL)
    period = request.workload.of_period(15.0)
    assert book.in_period(period).rate == pytest.approx(book.rate * period.planned_share)
    assert book.in_period(request.workload.of_period(50.0)) is book
