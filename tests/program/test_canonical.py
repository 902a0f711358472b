"""q = floor(r / u), c = ceil(p / 1e-4), w = ceil(P): against the buyer, once."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.program import canonical
from recommender.program.canonical import RateUnit

POSITIVE = st.floats(min_value=1e-3, max_value=1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("usd", "units"),
    [
        (2.49, 24_900),  # not 24901: a float is the decimal it prints as
        (0.202, 2_020),
        (1.00001, 10_001),  # 10000.1 rounds up
        (0.0, 0),
        (98.32, 983_200),
    ],
)
def test_prices_round_up(usd, units):
    assert canonical.price_units(usd_per_h=usd) == units


def test_shares_of_more_than_six_decimals_round_down():
    assert canonical.share_limit(0.6) == Fraction(3, 5)
    assert canonical.share_limit(0.666667) == Fraction(666_667, 10**6)
    assert canonical.share_limit(0.6666666666666667) == Fraction(666_666, 10**6)


def test_budget_rounds_down():
    assert canonical.budget_units(usd_per_h=1.00009) == 10_000
    assert canonical.usd_per_h(10_000) == 1.0


def test_power_rounds_up_and_its_limit_down():
    assert canonical.power_units(watts=10_200.2) == 10_201
    assert canonical.power_limit_units(watts=10_200.9) == 10_200


@given(st.one_of(POSITIVE, st.floats(-1e300, 1e300), st.integers(), st.fractions()))
def test_a_number_is_the_decimal_that_it_prints_as(number):
    printed = Fraction(repr(number)) if isinstance(number, float) else Fraction(number)
    assert canonical.decimal(number) == printed


def test_rates_round_down_in_units_of_the_demand():
    unit = RateUnit(2000.0)  # one unit is 0.02 requests/s
    assert unit.units(0.46) == 23  # 0.46 / 0.02
    assert unit.units(0.479) == 23  # 23.95
    assert unit.units(2000.0) == 100_000
    assert unit.units(0.019) == 0
    assert unit.per_s(23) == pytest.approx(0.46)


def test_unit_is_relative_so_small_replicas_of_small_services_keep_their_digits():
    assert RateUnit(1.0).units(0.46) == 46_000  # a fixed unit of 0.1/s would lose 13 %


@pytest.mark.parametrize(
    ("headroom", "required"), [(0.0, 100_000), (0.2, 120_000), (0.333333, 133_334)]
)
def test_headroom_rounds_up(headroom, required):
    assert RateUnit(7.0).required(headroom=headroom) == required


@given(rate=POSITIVE, demand=POSITIVE)
def test_a_rate_is_never_overstated(rate, demand):
    unit = RateUnit(demand)
    exact = canonical.decimal(rate) * 100_000 / canonical.decimal(demand)
    assert exact - 1 < unit.units(rate) <= exact


@given(usd=POSITIVE)
def test_a_price_is_never_understated(usd):
    exact = canonical.decimal(usd) * 10_000
    assert exact <= canonical.price_units(usd_per_h=usd) < exact + 1


def test_largest_loss():
    losses = [(1.0, 10_000), (1.00001, 10_001)]  # 0, and (10001 - 10000.1) / 10000.1
    loss = canonical.largest_loss(losses, units_per_one=Fraction(10_000))
    assert loss == pytest.approx(0.9 / 10_000.1)
    assert canonical.largest_loss([], units_per_one=Fraction(1)) == 0.0
    assert canonical.largest_loss([(0.0, 0)], units_per_one=Fraction(1)) == 0.0


def test_what_harms_rounds_up_and_its_limit_down():
    """Half a unit of loss, of emissions: counted whole in a plan, not at all in its limit."""
    assert canonical.quality_units(percent=0.12345) == 1235
    assert canonical.quality_limit_units(percent=0.12345) == 1234
    assert canonical.carbon_units(grams=7.5) == 8
    assert canonical.carbon_limit_units(grams=7.5) == 7


def test_quality_rounds_down_and_its_limit_up():
    assert canonical.model_quality_units(points=86.00005) == 860_000
    assert canonical.least_quality_units(points=86.00005) == 860_001
