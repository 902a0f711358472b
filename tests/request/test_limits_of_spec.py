"""Keys of the spec that limit the whole plan: what is read, and what contradicts itself."""

import pytest

from recommender.errors import SpecError
from recommender.request.goals import Goal, goals_of
from recommender.request.spec_file import make_spec

PLAIN = {"model": "8b", "qps": "100", "p99": "500ms"}


def spec(**more):
    """A spec of a small model."""
    return make_spec(PLAIN | more)


def test_zone_redundancy_is_the_loss_of_a_zone():
    """A node stands in a zone: with any zone gone, any one node is gone too."""
    made = spec(redundancy="zone")
    assert (made.failures, made.survived) == (0, ("zone",))
    assert spec(redundancy="zone", survive="zone,provider").survived == ("zone", "provider")
    assert (spec(survive="region").failures, spec(survive="region").survived) == (1, ("region",))


def test_quantities():
    made = spec(carbon="50kg/h", racks="10x42U@40kW", max_provider_share="60%", derate="15%")
    assert made.carbon == 50_000  # g/h
    assert made.racks == (10, 42, 40_000)  # W each
    assert (made.max_provider_share, made.derate) == (0.6, 0.15)
    assert spec(carbon="8.76t/yr").carbon == pytest.approx(1000)  # 8.76e6 g over 8760 h


def test_what_is_written_reads_back():
    made = spec(carbon="50kg/h", racks="10 x 42u @ 40kW", minimize="cost, latency:2%", zones=3)
    assert make_spec(made.model_dump(mode="json", exclude_none=True)) == made


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"carbon": "50kg"}, "50kg/h"),
        ({"carbon": "50/h"}, "no unit"),
        ({"racks": "10 racks"}, "10x42U@40kW"),
        ({"racks": "0x42U@40kW"}, "1 to 100,000"),
        ({"racks": "10x42U@40"}, "no unit"),
        ({"survive": "planet"}, "survive"),
        ({"zones": 0}, "zones"),
        ({"minimize": "beauty"}, "unknown objective 'beauty'; known are cost"),
        ({"minimize": "cost:2%"}, "has none before it"),
        ({"minimize": "cost,cost"}, "twice"),
        ({"minimize": "energy,latency"}, "energy cannot be limited"),
        ({"minimize": ","}, "names no objective"),
    ],
)
def test_what_cannot_be_read(given, message):
    with pytest.raises(SpecError, match=message):
        spec(**given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        # capacity is at least 1.2 times the rate: at most 1 / 1.2 = 83.3 % is used
        ({"min_utilisation": "84%"}, "at most 83.3%"),
        # two sellers: one of them carries half
        ({"max_provider_share": "49%", "provider": "aws,nebius"}, "at least 50%"),
        ({"min_providers": 2, "provider": "aws"}, "naming 1"),
        ({"survive": "provider", "provider": "aws"}, "nothing would be left"),
        ({"survive": "region", "region": "us-east-1"}, "nothing would be left"),
        ({"survive": "accelerator", "max_types": 1}, "two accelerator types"),
        ({"redundancy": "zone", "single": True}, "--single buys one kind"),
        ({"share": "mig", "disaggregate": "auto"}, "pools of prompts"),
        ({"min_providers": 3, "max_nodes": 2}, "--min-providers 3 nodes at least, and --max-nodes"),
        ({"min_zones": 4, "max_nodes": 3}, "--min-zones 4 nodes"),
        ({"survive": "rack", "redundancy": "none", "max_nodes": 1}, "rack: two of each, so 2"),
        ({"min_providers": 2, "single": True}, "--min-providers needs several"),
        # 5 % of the cheapest model: no model alone knows what that is
        (
            {
                "model": "8b,14b",
                "profile": "0-8h:30%,8-24h:100%",
                "minimize": "cost,power:5%",
            },
            "the share of power:5% is of the best of all",
        ),
    ],
)
def test_contradictions(given, message):
    with pytest.raises(SpecError, match=message):
        spec(**given)


def test_the_edge_of_a_contradiction():
    assert spec(min_utilisation="83.3%").min_utilisation == pytest.approx(0.833)
    assert spec(max_provider_share="50%", provider="aws,nebius").max_provider_share == 0.5


def test_goals():
    assert goals_of("cost") == (Goal("cost"),)
    assert goals_of("cost, latency:2%") == (Goal("cost"), Goal("latency", 0.02))
    assert str(goals_of("power,cost:0.5%")[1]) == "cost:0.5%"
