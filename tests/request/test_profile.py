"""Periods of the day as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.request.profile import (
    MINUTES_PER_DAY,
    Period,
    mean_share,
    periods_of,
    profile_text,
)
from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec

PLAIN = {"model": "8b", "qps": "50", "p99": "300ms"}
DAY = "0-8h:30%,8-20h:100%,20-24h:60%"


def test_by_hand():
    night, day, evening = periods_of(DAY)
    assert night == Period(0, 480, 0.3)
    assert (day.from_h, day.to_h, day.minutes, day.label) == (8.0, 20.0, 720, "8-20h")
    assert evening.share == 0.6
    # (8 * 30 + 12 * 100 + 4 * 60) / 24 = 70 %
    assert mean_share(periods_of(DAY)) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("22-6h:20%,6-22h:100%", "0-6h:20%,6-22h:100%,22-24h:20%"),
        ("20-0h:20%,0-20h:100%", "0-20h:100%,20-24h:20%"),
        ("8-24:100%, 0 - 8h : 30%", "0-8h:30%,8-24h:100%"),
        ("0-6h:50%,6-8h:50%,8-24h:100%", "0-8h:50%,8-24h:100%"),
        ("0-8.5h:33.3%,8.5-24h:100%", "0-8.5h:33.3%,8.5-24h:100%"),
        ("0-24h:100%", "0-24h:100%"),
    ],
)
def test_ways_of_writing(text, same):
    assert profile_text(text) == same
    assert profile_text(same) == same


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0-8h:30%", "nothing is said about 8-24h of the day"),
        ("0-8h:30%,,8-24h:100%", "there is nothing on one side of a ','"),
        ("1-24h:100%", "nothing is said about 0-1h"),
        ("0-9h:30%,8-24h:100%", "8-9h is given twice"),
        ("0-24h:100%,3-5h:100%", "3-5h is given twice"),
        ("0-24h:120%", "above 100%: --qps is the rate of the busiest period"),
        ("0-24h:80%", "multiply --qps by 0.8 and divide every share by it"),
        ("0-24h:0%", "every period has 0%"),
        ("0-8h:30,8-24h:100%", "'30' has no unit"),
        ("0-8h:-3%,8-24h:100%", "'0-8h:-3%': -3% is less than no demand; the share of a period is"),
        ("0-8h:30%,8-24h:3000%", "'8-24h:3000%': 3000% is above 100%: --qps is the rate of"),
        ("0-8h:some%,8-24h:100%", "'0-8h:some%': "),
        ("0-8.001h:30%,8.001-24h:100%", "whole minutes"),
        ("0-25h:100%", "between 0 and 24"),
        ("8-8h:100%", "has no length"),
        ("night:30%", "is not a period; write it like 8-20h:100%"),
        ("", "neither periods such as"),
        ("no-such-file.json", "neither periods such as"),
        (",".join(f"{m / 60!r}-{(m + 15) / 60!r}h:100%" for m in range(0, 1440, 15)), "more than"),
    ],
)
def test_what_is_wrong_is_said(text, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        profile_text(text)


@given(
    cuts=st.sets(st.integers(1, MINUTES_PER_DAY - 1), max_size=12),
    percents=st.lists(st.integers(0, 1000), min_size=13, max_size=13),
    peak=st.integers(0, 12),
)
def test_any_day_reads_back(cuts, percents, peak):
    ends = [0, *sorted(cuts), MINUTES_PER_DAY]
    shares = [p / 1000 for p in percents][: len(ends) - 1]
    shares[peak % len(shares)] = 1.0
    periods = [Period(a, b, s) for a, b, s in zip(ends, ends[1:], shares, strict=False)]
    text = profile_text(",".join(map(str, periods)))
    assert profile_text(text) == text
    found = periods_of(text)
    assert sum(p.minutes for p in found) == MINUTES_PER_DAY
    assert mean_share(found) == pytest.approx(mean_share(periods))


def test_a_spec_takes_parts_and_reads_back():
    spec = make_spec(PLAIN | {"profile": ["0-8h:30%", "8-24h:100%"], "start_up": "10min"})
    assert spec.profile == "0-8h:30%,8-24h:100%"
    assert Spec.model_validate(spec.model_dump(mode="json", exclude_none=True)) == spec
    assert make_spec(PLAIN).periods == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"profile": None, "start_up": "10min"}, "--start-up is the time before a period"),
        ({"single": True}, "--single buys one kind"),
        ({"minimize": "cost,latency:2%"}, "--minimize latency is for one rate"),
        ({"start_up": "90s"}, "whole minutes"),
        ({"start_up": "5h"}, "longer than the shortest period of --profile, 240 min"),
        ({"start_up": "10min", "racks": "10x42U@40kW"}, "--start-up and --racks"),
    ],
)
def test_what_does_not_go_together(changes, message):
    from recommender.errors import SpecError

    raw = {k: v for k, v in (PLAIN | {"profile": DAY} | changes).items() if v is not None}
    with pytest.raises(SpecError, match=message):
        make_spec(raw)
