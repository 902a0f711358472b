"""Numbers for people, by example and by property."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.report import quantities as q


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234.5, "1,230"),
        (999.6, "1,000"),  # rounds up into four digits
        (99.96, "100"),
        (0.04996, "0.05"),
        (0.000123456, "0.000123"),
        (-31.24, "-31.2"),
        (44.0, "44"),
        (2000.0, "2,000"),
    ],
)
def test_significant(value: float, text: str) -> None:
    """Three digits, no trailing zeros."""
    assert q.significant(value) == text


@given(st.floats(1e-9, 1e12))
def test_significant_is_within_half_a_unit_of_the_third_digit(value: float) -> None:
    """Reading the text back errs by at most 0.5 % (half of 1 in 100)."""
    assert float(q.significant(value).replace(",", "")) == pytest.approx(value, rel=0.00501)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (q.duration(0.18741), "187 ms"),
        (q.duration(0.9996), "1 s"),  # 999.6 ms would read 1,000 ms
        (q.duration(21.84), "21.8 s"),
        (q.duration(0.000042), "42 us"),
        (q.duration(None), "-"),
        (q.power(94_230.0), "94.2 kW"),
        (q.power(1_413_600.0), "1.41 MW"),
        (q.power(999_700.0), "1 MW"),
        (q.power(0.0), "0 W"),
        (q.energy(750_659.0), "751 MWh"),
        (q.rate(2349.6), "2,350/s"),
        (q.memory(141.26), "141 GiB"),
        (q.share(0.8332), "83.3 %"),
        (q.change(18.04), "+18 %"),
        (q.change(-3.0), "-3 %"),
        (q.change(0.0), "0 %"),
        (q.percent(None), "-"),
        (q.count(12_345), "12,345"),
    ],
)
def test_units(text: str, expected: str) -> None:
    """The largest unit of which there is at least one."""
    assert text == expected


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (44.0, "$44.00"),
        (2.6296, "$2.63"),
        (99.996, "$100"),  # rounds up past the cents
        (113.93, "$114"),
        (4544.0, "$4,544"),
        (99_999.6, "$100k"),
        (417_560.0, "$418k"),
        (3_317_120.0, "$3.32M"),
        (2.5e9, "$2.5B"),
        (-452.0, "-$452"),
        (0.0, "$0.00"),
        (None, "-"),
    ],
)
def test_dollars(usd: float | None, text: str) -> None:
    """Cents below $100, dollars below $100,000, then three digits."""
    assert q.dollars(usd) == text


def test_an_interval_states_half_its_width() -> None:
    """(69 - 67) / 2 / 68 = 1.5 %; of too few samples it has no upper end."""
    assert q.interval(0.068, 0.067, 0.069) == "68 ms \N{PLUS-MINUS SIGN} 1.5 %"
    assert q.interval(0.068, 0.068, 0.068) == "68 ms \N{PLUS-MINUS SIGN} 0 %"
    assert q.interval(0.068, 0.060, math.inf) == "68 ms, above 60 ms"
    assert q.interval(0.0, 0.0, 0.1) == "0 us, above 0 us"
