"""Rows that compare rates: a plan that keeps them in integers keeps them at its true rates."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from recommender.program.canonical import (
    COMPARED_UNITS,
    LARGEST_COMPARED,
    RATE_UNITS_PER_DEMAND,
    RateUnit,
    decimal,
)
from recommender.program.compared import weighted
from recommender.program.constraints.model_quality import model_quality
from recommender.program.constraints.quality import quality
from recommender.program.constraints.share import share
from recommender.program.constraints.utilisation import utilisation

RATES = st.floats(1e-4, 1e4, allow_nan=False)
NAMES = ("a", "b", "c")


def test_weights_above_0_count_rates_rounded_up():
    rate = {"for": (2, 3), "against": (2, 3), "neither": (2, 3), "idle": (0, 0)}
    weight = {"for": 5, "against": -5, "neither": 0, "idle": 5}
    assert weighted(weight, rate) == {"for": 15, "against": -10, "neither": 0}


def test_units_are_finer_where_the_smallest_rate_has_few():
    # 2.7 of 3,000,000/s are 0.09 units: not counted; 100/s are 3.33: as fine as it gets
    unit = RateUnit(3e6)
    assert unit.finer([2.7, 100.0]) == 10_000
    assert unit.span(100.0, finer=10_000) == (33_333, 33_334)
    assert RateUnit(10.0).finer([1.0]) == 100, "10,000 units are 1,000,000 finer ones"
    assert RateUnit(30.0).span(10.0, finer=100) == (3_333_333, 3_333_333), "close enough"
    assert RateUnit(10.0).span(2.5, finer=1) == (25_000, 25_000)
    assert RateUnit(10.0).finer([]) == 1
    # 10^11 units beside 1: finer by 10, then the larger one is at its end
    assert RateUnit(1.0).finer([1e6, 1e-5]) == 10
    assert LARGEST_COMPARED == 10**12 and COMPARED_UNITS == 10**6


@given(
    st.floats(0.01, 1e7, allow_nan=False),
    st.tuples(RATES, RATES, RATES),
    st.tuples(*[st.integers(0, 50_000)] * 3),
    st.integers(1, 99),
)
def test_what_holds_in_integers_holds_for_the_rates(demand, rates, counts, percent):
    unit = RateUnit(demand)
    finer = unit.finer(rates)
    rate = {name: unit.span(r, finer=finer) for name, r in zip(NAMES, rates, strict=True)}
    plan = dict(zip(NAMES, counts, strict=True))
    true = {name: decimal(r) * plan[name] for name, r in zip(NAMES, rates, strict=True)}
    true = {name: value for name, value in true.items() if rate[name][1]}
    whole, limit = sum(true.values()), Fraction(percent, 100)
    row = utilisation(rate=rate, demand=finer * RATE_UNITS_PER_DEMAND, least=limit)
    above = 1 + Fraction(1, COMPARED_UNITS)  # what rounding down may lose
    if row.holds(plan):
        assert limit * whole <= decimal(demand) * above
    places = {"a": "here", "b": "here", "c": "there"}
    for row in share("zone", rate=rate, values=places, most=limit):
        value = row.name.removeprefix("share[zone=").removesuffix("]")
        if row.holds(plan):
            inside = sum(value_ for name, value_ in true.items() if places[name] == value)
            assert inside <= limit * whole * above
    loss = {"a": 0, "b": percent, "c": 100}
    if quality(rate=rate, loss=loss, limit=50).holds(plan):
        assert sum(loss[name] * value for name, value in true.items()) <= 50 * whole * above
    if model_quality(rate=rate, quality=loss, least=50).holds(plan):
        assert sum(loss[name] * value for name, value in true.items()) * above >= 50 * whole


def test_equal_rates_may_share_equally():
    """47 nodes of each seller: with one rate rounded up and the other down neither had half."""
    rate = dict.fromkeys(("p", "q"), RateUnit(1000.0).span(12.848550649303625, finer=1000))
    sellers = {"p": "p", "q": "q"}
    rows = share("provider", rate=rate, values=sellers, most=Fraction(1, 2))
    assert all(row.holds({"p": 47, "q": 47}) for row in rows)
