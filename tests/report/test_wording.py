"""Words for times and prices: a miss is told from its limit; thousands are set apart."""

import pytest

from recommender.wording import duration_apart, duration_text, hourly


@pytest.mark.parametrize(
    ("seconds", "other_s", "text"),
    [
        (0.231, 0.2, "231 ms"),
        (0.05004, 0.05, "50.04 ms"),
        (0.200021, 0.2, "200.02 ms"),
        (1.0004, 1.0, "1.0004 s"),
        (0.05, 0.05, "50 ms"),
    ],
)
def test_as_many_digits_as_tell_two_times_apart(seconds, other_s, text):
    assert duration_apart(seconds, other_s) == text


def test_three_digits_else():
    assert (duration_text(0.2314), duration_text(5.284)) == ("231 ms", "5.28 s")


@pytest.mark.parametrize(
    ("usd_per_h", "text"),
    [(44.5, "$44.50/h"), (99.999, "$100/h"), (158.8, "$159/h"), (376_992.0, "$376,992/h")],
)
def test_a_price_is_written_as_tables_have_it(usd_per_h, text):
    assert hourly(usd_per_h) == text
