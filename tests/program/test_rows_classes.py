"""loss, share, spread, quality, utilisation, carbon, racks: equation, boundary, degenerate case."""

from fractions import Fraction

import pytest

from recommender.program.column import Column
from recommender.program.constraints.carbon import carbon
from recommender.program.constraints.loss import loss
from recommender.program.constraints.need import need
from recommender.program.constraints.order import order
from recommender.program.constraints.quality import quality
from recommender.program.constraints.racks import nodes_per_rack, rack_columns, racks
from recommender.program.constraints.share import share
from recommender.program.constraints.spread import spread, spread_columns
from recommender.program.constraints.utilisation import utilisation
from recommender.program.row import Row

RATE = {"a": 3, "b": 5, "c": 7}
SPAN = {name: (rate, rate) for name, rate in RATE.items()}
"""The same, exact: nothing to round down or up."""
ZONE = {"a": "east", "b": "east", "c": "west"}


def test_loss_is_the_equation_on_paper():
    assert list(loss("chat", "zone", rate=RATE, values=ZONE, demand=14)) == [
        Row("loss[chat,zone=east]", {"c": 7}, ">=", 14),
        Row("loss[chat,zone=west]", {"a": 3, "b": 5}, ">=", 14),
    ]


@pytest.mark.parametrize(
    ("a", "b", "c", "survives"),
    [
        (3, 1, 2, True),  #  east gone: 2 * 7 = 14; west gone: 9 + 5 = 14
        (3, 1, 1, False),  # east gone: 7 < 14
        (2, 1, 2, False),  # west gone: 6 + 5 = 11 < 14
    ],
)
def test_loss_of_either_zone(a, b, c, survives):
    rows = loss("s", "zone", rate=RATE, values=ZONE, demand=14)
    assert all(row.holds({"a": a, "b": b, "c": c}) for row in rows) is survives


def test_a_single_zone_cannot_be_lost():
    (row,) = loss("s", "zone", rate={"a": 3}, values={"a": "only"}, demand=1)
    assert row == Row("loss[s,zone=only]", {}, ">=", 1)


def test_share_is_the_equation_on_paper():
    # s = 3/5: (5 - 3) for members, -3 for the others, times the rate
    assert list(share("zone", rate=SPAN, values=ZONE, most=Fraction(3, 5))) == [
        Row("share[zone=east]", {"a": 6, "b": 10, "c": -21}, "<=", 0),
        Row("share[zone=west]", {"a": -9, "b": -15, "c": 14}, "<=", 0),
    ]


@pytest.mark.parametrize(
    ("a", "c", "holds"),
    [
        (7, 3, True),  #  21 of 42 = 1/2 each
        (7, 2, True),  #  21 of 35 = 3/5: at the limit
        (8, 2, False),  # 24 of 38 > 3/5
        (0, 1, False),  # everything in the west
        (0, 0, True),
    ],
)
def test_share_at_its_limit(a, c, holds):
    rows = share("zone", rate=SPAN, values=ZONE, most=Fraction(3, 5))
    assert all(row.holds({"a": a, "c": c}) for row in rows) is holds


def test_spread_is_the_equation_on_paper():
    assert list(spread("zone", values=ZONE, least=2)) == [
        Row("in[zone=east]", {"used[zone=east]": 1, "a": -1, "b": -1}, "<=", 0),
        Row("in[zone=west]", {"used[zone=west]": 1, "c": -1}, "<=", 0),
        Row("spread[zone]", {"used[zone=east]": 1, "used[zone=west]": 1}, ">=", 2),
    ]
    assert list(spread_columns("zone", ZONE)) == [
        Column("used[zone=east]", 0, 1),
        Column("used[zone=west]", 0, 1),
    ]


def test_spread_needs_something_bought_in_each():
    rows = list(spread("zone", values=ZONE, least=2))
    both = {"used[zone=east]": 1, "used[zone=west]": 1}
    assert all(row.holds({**both, "a": 1, "c": 1}) for row in rows)
    assert not all(row.holds({**both, "a": 1}) for row in rows)


def test_utilisation_is_the_equation_on_paper():
    # D / u = 30 / 0.4 = 75
    row = utilisation(rate=SPAN, demand=30, least=Fraction(2, 5))
    assert row == Row("utilisation", RATE, "<=", 75)
    assert row.holds({"b": 15}) and not row.holds({"a": 2, "c": 10})  # 75, 76


def test_carbon_is_the_equation_on_paper():
    row = carbon(carbon={"a": 300, "b": 20}, limit=320)
    assert row == Row("carbon", {"a": 300, "b": 20}, "<=", 320)
    assert row.holds({"a": 1, "b": 1}) and not row.holds({"a": 1, "b": 2})


def test_quality_is_the_equation_on_paper():
    row = quality(rate={"bf16": (10, 10), "fp8": (20, 20)}, loss={"bf16": 0, "fp8": 6}, limit=4)
    assert row == Row("quality", {"bf16": -40, "fp8": 40}, "<=", 0)
    assert row.holds({"bf16": 1, "fp8": 1})  # mean 6 * 20 / 30 = 4
    assert not row.holds({"fp8": 1})  #        mean 6


@pytest.mark.parametrize(
    ("units", "watts", "fit"),
    [
        (8, 10_200, 3),  # 42 // 8 = 5, 40_000 // 10_200 = 3
        (8, 5_000, 5),  #  42 // 8 = 5, 40_000 // 5_000  = 8
        (50, 1_000, 0),  # too high
        (8, 41_000, 0),  # too hungry
    ],
)
def test_nodes_per_rack(units, watts, fit):
    assert (
        nodes_per_rack(node_units=units, node_nameplate_w=watts, rack_units=42, rack_power_w=40_000)
        == fit
    )


def test_racks_are_the_equation_on_paper():
    rows = list(
        racks(
            nodes={"a": 1, "span": 2, "b": 1},
            offer_of={"a": "hgx", "span": "hgx", "b": "l4"},
            per_rack={"hgx": 3, "l4": 0},
            limit=2,
        )
    )
    assert rows == [
        Row("racks[hgx]", {"a": 1, "span": 2, "rack[hgx]": -3}, "<=", 0),
        Row("racks[l4]", {"b": 1, "rack[l4]": 0}, "<=", 0),
        Row("racks", {"rack[hgx]": 1, "rack[l4]": 1}, "<=", 2),
    ]
    assert list(rack_columns({"hgx": 3, "l4": 0}, 2)) == [
        Column("rack[hgx]", 0, 2),
        Column("rack[l4]", 0, 2),
    ]
    full = {"a": 4, "span": 1, "rack[hgx]": 2}  # 4 + 2 = 6 nodes in two racks of 3
    assert all(row.holds(full) for row in rows)
    assert not all(row.holds({**full, "a": 5}) for row in rows)
    assert not all(row.holds({"b": 1, "rack[l4]": 2}) for row in rows)  # does not fit a rack


def test_need_is_the_equation_on_paper():
    row = need("accelerator=H100|L4", one_of=["a", "b"])
    assert row == Row("need[accelerator=H100|L4]", {"a": 1, "b": 1}, ">=", 1)
    assert row.holds({"b": 1}) and not row.holds({"c": 3})
    assert not need("nothing", one_of=[]).holds({"a": 1})


def test_order_is_the_equation_on_paper():
    zones = {"a": "z1", "b": "z1", "c": "z2", "d": "z3", "e": "elsewhere"}
    rate = {"a": 3, "b": 5, "c": 7, "d": 8, "e": 9}
    assert list(order("s", "zone", rate=rate, values=zones, alike=["z1", "z2", "z3"])) == [
        Row("order[s,zone=z2]", {"a": 3, "b": 5, "c": -7}, ">=", 0),
        Row("order[s,zone=z3]", {"c": 7, "d": -8}, ">=", 0),
    ]
    assert list(order("s", "zone", rate=rate, values=zones, alike=["z1"])) == []
