"""Values that no service has, and kinds that a value is not: refused, each in words of its flag."""

import pytest

from recommender.errors import SpecError
from recommender.program.canonical import (
    budget_units,
    carbon_limit_units,
    power_limit_units,
)
from recommender.request import quantity, ranges
from recommender.request.spec_file import make_spec

ASKED = {"model": "8b", "qps": "20", "p99": "500ms"}


def refused(**given):
    with pytest.raises(SpecError) as found:
        make_spec(ASKED | given)
    return str(found.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"budget": "$1e308/h"}, "--budget 1e+308 dollars per hour is more than any plan needs"),
        ({"budget": "$10000000001/h"}, "write at most 1e+10"),
        ({"power": "1e300MW"}, "--power 1e+306 W is more than any plan needs"),
        ({"carbon": "1e300t/yr"}, "--carbon"),
        ({"max_nodes": "99999999999999999999"}, "--max-nodes 1e+20 nodes is more than"),
        ({"max_nodes": 10**400}, "characters are not a quantity"),
        ({"max_accelerators": "1e30"}, "--max-accelerators 1e+30 accelerators is more than"),
        ({"max_types": "1001"}, "--max-types '1001' must be at most 1000"),
        ({"min_zones": "99999999999999999999"}, "must be at most 1000"),
        ({"min_providers": "99999999999999999999"}, "must be at most 1000"),
        ({"racks": "10x42U@1e300kW"}, "a rack takes at most 10 MW"),
        ({"racks": [1e9, 42, 40000]}, "is not racks"),
        ({"racks": [10, 42, -1]}, "greater than zero"),
        ({"speculative": [3.9, 2.1]}, "'3.9' is not a whole number"),
        ({"speculative": "9" * 5000 + ":1"}, "5,002 characters are not a quantity"),
        ({"max_provider_share": "1e-300%"}, "--max-provider-share 1e-300% must be at least 0.01%"),
        ({"min_utilisation": "1e-9%"}, "--min-utilisation 1e-09% must be at least 0.01%"),
        ({"goodput": "99.9999%"}, "--goodput 99.9999% must lie between 50% and 99.95%"),
        ({"prefix_hit": "100%"}, "--prefix-hit '100%' must be at most 99%"),
        ({"prefix_hit": "-1%"}, "must lie between 0% and 1000%"),
        ({"derate": "500%"}, "--derate '500%' must be at most 400%"),
        ({"zones": "abc"}, "--zones: 'abc' is not a number; write it like 8"),
        ({"zones": "4.5"}, "--zones: '4.5' is not a whole number"),
        ({"zones": True}, "--zones: True is not a quantity; write it like 8"),
        ({"zones": "5 zones"}, "--zones: '5 zones' has 'zones' behind the number; write it like 8"),
        ({"zones": "17"}, "--zones '17' must be at most 16"),
        ({"burstiness": True}, "--burstiness: True is not a quantity"),
        ({"burstiness": "1e999"}, "--burstiness: '1e999' is not finite"),
        ({"burstiness": "nan"}, "--burstiness: 'nan' is not a number; write it like 1.5"),
        ({"pue": "0.9"}, "--pue '0.9' must be at least 1"),
        ({"pue": ".inf"}, "is not a number"),
        ({"survive": "foo"}, "--survive 'foo' must be 'zone', 'region', 'provider', 'accele"),
        ({"single": "maybe"}, "--single 'maybe' must be true or false"),
        ({"calibration": ["a", "b"]}, "--calibration ['a', 'b'] must be text"),
        ({"gpu": [1.5]}, "--gpu [1.5] must be text"),
        ({"start_up": "-10min"}, "--start-up: '-10min' must be greater than zero"),
        ({"ttft_p99": "1s"}, "--p99 means --ttft-p99: give one of the two"),
        ({"confidence": "20%"}, "--confidence 20% must lie between 50% and 99.5%"),
    ],
)
def test_refused_in_words_of_the_flag(given, sentence):
    assert sentence in refused(**given)


@pytest.mark.parametrize("name", ["qps", "p99", "budget", "power", "carbon", "headroom", "isl"])
def test_long_texts_are_refused_before_a_pattern_looks_at_them(name):
    """`1   ...   x` took minutes: the pattern tried every length of the blanks in between."""
    assert "characters are not a quantity" in refused(**{name: "1" + " " * 9_000 + "x"})
    assert len(refused(slo="p" * 100_000)) < 400


def test_the_largest_limits_fit_the_integers_of_every_solver():
    assert budget_units(usd_per_h=ranges.MOST_USD_PER_H) == 10**14 < 2**53
    assert power_limit_units(watts=ranges.MOST_W) == 10**13 < 2**53
    assert carbon_limit_units(grams=ranges.MOST_G_PER_H) == 10**13 < 2**53


def test_no_start_up_time_is_the_default_said_aloud():
    day = {"profile": "0-8h:30%,8-24h:100%"}
    assert make_spec(ASKED | day | {"start_up": "0s"}).start_up == 0.0
    assert make_spec(ASKED | {"start_up": "0 min"}).start_up == 0.0


def test_numbers_without_a_unit():
    assert quantity.count("1,000") == quantity.count(1000.0) == quantity.count(" 1_000 ") == 1000
    assert quantity.number("0.5") == quantity.number(0.5) == 0.5
    assert make_spec(ASKED | {"gpu": 4090}).gpu == ("4090",)
