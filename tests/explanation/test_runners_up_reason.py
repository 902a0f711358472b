"""Why a runner-up costs more: what a dollar buys of it, or room that nobody asked for."""

from types import SimpleNamespace

import pytest

from recommender.decision.decision import Decision
from recommender.explanation.runners_up import _why


def bought(usd_per_h, requests_per_s, count=1):
    """A decision of one kind of node."""
    node = SimpleNamespace(usd_per_h=usd_per_h, requests_per_s=requests_per_s)
    return Decision(None, ((node, count),), rounds=1)


def test_fewer_requests_for_a_dollar():
    """60/s for $12/h are 18,000 for a dollar; 60/s for $15/h 14,400."""
    text = _why(bought(5.0, 20.0, 3), bought(3.0, 15.0, 4))
    assert text == "carries up to 14,400 requests per dollar within the SLO, the plan 18,000"


@pytest.mark.parametrize(("rate", "said"), [(160.0, True), (50.0, False)])
def test_a_dearer_one_with_more_for_a_dollar_has_room_that_nobody_asked_for(rate, said):
    """160/s for $24/h are 24,000 for a dollar, more than 18,000, and 160/s of which 60 do."""
    text = _why(bought(24.0, rate), bought(3.0, 15.0, 4))
    assert text.endswith("but in all 160/s, the plan 60/s, which is enough") is said


def test_large_rates_are_whole_numbers_that_tell_near_ones_apart():
    """They were 2.41e+03 and 2.4e+03."""
    text = _why(bought(23.98, 2406.2), bought(23.97, 2399.6, 1))
    assert text.endswith("but in all 2,406/s, the plan 2,400/s, which is enough")


def test_what_costs_nothing_has_no_limit():
    assert "unlimited" in _why(bought(3.0, 15.0), bought(0.0, 15.0))
