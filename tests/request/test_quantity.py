"""Numbers with units: what is read, and what is refused because it could be mistaken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.request import quantity as q


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (q.duration_s, "200ms", 0.2),
        (q.duration_s, " 1.5 s ", 1.5),
        (q.duration_s, "2min", 120.0),
        (q.duration_s, "1h", 3600.0),
        (q.duration_s, "250us", 250e-6),
        (q.duration_s, "250µs", 250e-6),
        (q.power_w, "1.5MW", 1.5e6),
        (q.power_w, "300kW", 300e3),
        (q.requests_per_s, "2000", 2000.0),
        (q.requests_per_s, 2000, 2000.0),
        (q.requests_per_s, 0.5, 0.5),
        (q.requests_per_s, "2kqps", 2000.0),
        (q.requests_per_s, "350/s", 350.0),
        (q.requests_per_s, "1.2Mreq/s", 1.2e6),
        (q.requests_per_s, "2,000", 2000.0),
        (q.requests_per_s, "1_000_000", 1e6),
        (q.requests_per_s, "2e3", 2000.0),
        (q.tokens, "8k", 8000.0),
        (q.tokens, 1024, 1024.0),
        (q.bandwidth_bytes_per_s, "3.35TB/s", 3.35e12),
        (q.bandwidth_bytes_per_s, "600GB/s", 6e11),
        (q.usd_per_h, "$500/h", 500.0),
        (q.usd_per_h, "$40k/mo", 40_000 / 730),  # a month is 730 h
        (q.usd_per_h, "$10M/3yr", 10e6 / 26_280),  # 3 * 8,760 h
        (q.usd_per_h, "$10M / 3 years", 10e6 / 26_280),
        (q.usd_per_h, "$600k/18mo", 600_000 / 13_140),  # 18 * 730 h
        (q.usd_per_h, "$9k/1.5days", 250),  # 36 h
        (q.usd_per_h, "$2M/yr", 2e6 / 8760),  # a year is 8760 h = 12 * 730
        (q.usd_per_h, "$ 1,234.5 /day", 1234.5 / 24),
        (q.usd_per_h, "$730/month", 1.0),
        (q.fraction, "20%", 0.2),
        (q.fraction, "0%", 0.0),
        (q.fraction, "1000%", 10.0),
    ],
)
def test_reads(read, text, value):
    assert read(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("read", "text", "hint"),
    [
        (q.duration_s, "200", "no unit"),
        (q.duration_s, 200, "no unit"),
        (q.duration_s, 0.2, "no unit"),
        (q.duration_s, "200 fortnights", "unknown unit 'fortnights'; known are us, µs, ms"),
        (q.duration_s, "200MS", "unknown unit"),  # ms, not megaseconds: case counts
        (q.power_w, "300", "no unit"),
        (q.power_w, "5mW", "unknown unit"),  # milliwatts are never meant
        (q.bandwidth_bytes_per_s, "600", "no unit"),
        (q.bandwidth_bytes_per_s, "600Gb/s", "unknown unit"),  # gigabits are not gigabytes
        (q.fraction, "0.2", "no unit"),
        (q.fraction, 0.2, "no unit"),
        (q.fraction, "-20%", "between 0% and 1000%"),
        (q.fraction, "1001%", "between 0% and 1000%"),
        (q.usd_per_h, "500", "$500/h"),
        (q.usd_per_h, "$500", "$500/h"),
        (q.usd_per_h, "500$/h", "$500/h"),
        (q.usd_per_h, "$500/fortnight", "$500/h"),
        (q.usd_per_h, "$-5/h", "$500/h"),
        (q.usd_per_h, "$1.2.3/h", "$500/h"),
        (q.usd_per_h, "$/h", "$500/h"),
        (q.usd_per_h, "$,/h", "$500/h"),
        (q.usd_per_h, "$0/h", "greater than zero"),
        (q.usd_per_h, "$10M/0yr", "greater than zero"),
        (q.usd_per_h, "$10M/-3yr", "$10M/3yr"),
        (q.usd_per_h, "$10M/3", "$10M/3yr"),
        (q.usd_per_h, "$1e400/h", "greater than zero and finite"),
    ],
)
def test_refuses(read, text, hint):
    with pytest.raises(ValueError) as error:
        read(text)
    assert hint in str(error.value)


POSITIVE = [
    (q.duration_s, "ms"),
    (q.power_w, "kW"),
    (q.requests_per_s, "qps"),
    (q.tokens, ""),
    (q.bandwidth_bytes_per_s, "GB/s"),
]


@pytest.mark.parametrize(("read", "unit"), POSITIVE)
@pytest.mark.parametrize("number", ["0", "-1", "0.0", "1e999", "-1e999"])
def test_refuses_what_is_not_greater_than_zero_and_finite(read, unit, number):
    with pytest.raises(ValueError, match="greater than zero and finite"):
        read(number + unit)


@pytest.mark.parametrize("read", [*(read for read, _ in POSITIVE), q.usd_per_h, q.fraction])
@pytest.mark.parametrize(
    "value", ["", " ", "NaN", "nan", "inf", "-inf", "abc", "--", "ms", ",5ms", None, True, [1]]
)
def test_refuses_what_is_no_number_and_says_what_would_be_right(read, value):
    with pytest.raises(ValueError, match="like"):
        read(value)


@pytest.mark.parametrize("read", [*(read for read, _ in POSITIVE), q.usd_per_h, q.fraction])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_refuses_floats_that_are_no_number(read, value):
    with pytest.raises(ValueError):
        read(value)


@pytest.mark.parametrize(
    "text", ["1,5ms", "1,50ms", "12,34ms", "1,2345ms", "1,,000ms", "1,000_000ms"]
)
def test_a_comma_is_no_decimal_point(text):
    """1,5 is one and a half in half of the world, never fifteen."""
    with pytest.raises(ValueError, match="write thousands"):
        q.duration_s(text)


def test_a_comma_in_money_is_no_decimal_point():
    with pytest.raises(ValueError, match="write thousands"):
        q.usd_per_h("$2,49/h")


@given(st.floats(1e-3, 1e9), st.sampled_from(["us", "ms", "s", "min", "h"]))
def test_a_duration_is_its_number_times_its_unit(number, unit):
    seconds = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}[unit]
    assert q.duration_s(f"{number!r}{unit}") == pytest.approx(number * seconds, rel=1e-12)


@given(st.integers(1, 1000))
def test_decimals_are_the_nearest_floats(number):
    """35 % is 0.35, whose canonical integer is exact; 35 * 0.01 = 0.35000000000000003 is not."""
    assert q.fraction(f"{number}%") == float(f"{number}e-2")
    assert q.duration_s(f"{number}ms") == float(f"{number}e-3")
    assert q.duration_s(f"{number}us") == float(f"{number}e-6")


@given(st.integers(1, 10**12))
def test_grouped_digits_read_as_plain_ones(number):
    assert q.requests_per_s(f"{number:,}") == q.requests_per_s(f"{number:_}") == number


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_with_one_line(text):
    for read in (*(read for read, _ in POSITIVE), q.usd_per_h, q.fraction):
        try:
            assert read(text) >= 0
        except ValueError as error:
            assert "could not convert" not in str(error)
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.05, "50ms"),
        (0.9995, "999.5ms"),
        (1.0, "1s"),
        (1.5, "1.5s"),
        (3600.0, "3600s"),
    ],
)
def test_a_duration_is_written_as_people_write_it(seconds, text):
    assert q.duration_written(seconds) == text
    assert q.duration_or_none_s(text) == seconds
