"""Values of a sweep, as written after `--vary PATH=`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import SpecError
from recommender.what_if.sweep import MOST_VALUES, sweep_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("500..2000:500", ("500", "1000", "1500", "2000")),
        ("500..1900:500", ("500", "1000", "1500")),  # never beyond `to`
        ("0.1..0.3:0.1", ("0.1", "0.2", "0.3")),
        ("-20%..+20%:10%", ("-20%", "-10%", "+0%", "+10%", "+20%")),
        ("100ms..300ms:100ms", ("100ms", "200ms", "300ms")),
        ("$2/h..$3/h:$0.5/h", ("$2/h", "$2.5/h", "$3/h")),
        ("1..3s:1", ("1s", "2s", "3s")),
        ("1e3..3e3:1e3", ("1000", "2000", "3000")),
        ("7..7:1", ("7",)),
        ("100ms,150ms, 200ms", ("100ms", "150ms", "200ms")),
        ("n+1,none", ("n+1", "none")),
        ("H100", ("H100",)),
        ("0..8:2", ("0", "2", "4", "6", "8")),
    ],
)
def test_values(text, values):
    assert sweep_values(text) == values


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1..5", "no step"),
        ("5..1:1", "0 values"),
        ("1..5:0", "step be positive"),
        ("1..5:-1", "step be positive"),
        ("1s..500ms:100ms", "share one unit"),
        ("100..300:100ms", "share one unit"),
        ("a..b:c", "not a number"),
        ("1..:1", "not a number"),
        ("NaN..1:1", "not a number"),
        ("", "0 values"),
        (",", "0 values"),
        ("1..100000:1", "between 1 and 200"),
        ("1..1e30:1", "between 1 and 200"),
        ("0.." + "9" * 400 + ":1", "not a number"),
        (",".join(["1"] * 201), "between 1 and 200"),
    ],
)
def test_refuses(text, hint):
    with pytest.raises(SpecError) as error:
        sweep_values(text)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


@given(st.integers(0, 1000), st.integers(1, 50), st.integers(1, MOST_VALUES))
def test_a_range_is_an_arithmetic_progression(first, step, count):
    last = first + step * (count - 1)
    assert sweep_values(f"{first}..{last}:{step}") == tuple(
        str(first + step * i) for i in range(count)
    )


@given(st.text(max_size=20))
def test_any_text_gives_values_or_one_line(text):
    try:
        assert 1 <= len(sweep_values(text)) <= MOST_VALUES
    except SpecError as error:
        assert len(str(error).splitlines()) <= 1 or "\\" in str(error)


@pytest.mark.parametrize("text", ["1..1e300:1e-300", "1e-300..1e300:1", "0..1:1e-320"])
def test_endless_sweeps_are_refused(text):
    with pytest.raises(SpecError, match="endless values; between 1 and 200"):
        sweep_values(text)
    with pytest.raises(SpecError, match="1,000 values; between 1 and 200"):
        sweep_values("1..1000:1")
    with pytest.raises(SpecError, match="0 values"):
        sweep_values("1000..1:1")
