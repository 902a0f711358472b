"""One value changed by its path, nothing changed in place."""

import pytest

from catalog import CatalogError
from recommender.errors import SpecError
from recommender.request.spec import Spec
from recommender.what_if.override import override

SPEC = Spec(model="8b", qps="10", p99="500ms", max_nodes=5)


def test_a_key_of_the_spec(facts):
    variant = override(SPEC, facts, "qps", "2kqps")
    assert variant.spec.qps == 2000
    assert variant.spec.model_copy(update={"qps": 10.0}) == SPEC
    assert variant.catalog is facts
    assert SPEC.qps == 10


def test_a_dash_or_an_underscore(facts):
    assert override(SPEC, facts, "max-nodes", "7").spec.max_nodes == 7
    assert override(SPEC, facts, "max_nodes", "7").spec.max_nodes == 7


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("qps", False),  # chat has bursts, of which a replica gets its share
        ("headroom", True),
        ("redundancy", True),
        ("budget", True),
        ("power", True),
        ("max_accelerators", True),
        ("max_nodes", True),
        ("max_types", True),
        ("p99", False),
        ("isl", False),
        ("confidence", False),
        ("engine", False),
        ("precision", False),
        ("gpu", False),  # other offers, so other machines
        ("workload", False),
        ("burstiness", False),
        ("profile", False),
    ],
)
def test_what_changes_only_the_program_keeps_the_rates(path, same, facts):
    values = {
        "qps": "5", "headroom": "5%", "redundancy": "none", "budget": "$9/h", "power": "1MW",
        "max_accelerators": "9", "max_nodes": "9", "max_types": "1", "p99": "1s", "isl": "100",
        "confidence": "50%", "engine": "sglang", "precision": "fp8", "gpu": "H100",
        "workload": "code", "burstiness": "2", "profile": "0-8h:30%,8-24h:100%",
    }  # fmt: skip
    assert override(SPEC, facts, path, values[path]).same_performance is same


@pytest.mark.parametrize("path", ["qps", "profile"])
@pytest.mark.parametrize("poisson", [{"burstiness": "1"}, {"workload": "fixed"}])
def test_of_poisson_arrivals_a_replica_does_not_see_the_demand(path, poisson, facts):
    spec = Spec(model="8b", qps="10", p99="500ms", **poisson)
    value = {"qps": "5", "profile": "0-8h:30%,8-24h:100%"}[path]
    assert override(spec, facts, path, value).same_performance is True


@pytest.mark.parametrize(
    ("path", "value"), [("price.H100", "+10%"), ("stock.{offer}", "3"), ("budget", "$20/h")]
)
def test_minimal_latency_depends_on_prices_too(path, value, facts):
    """The latency level is the fastest that the money buys: another price, another level."""
    spec = Spec(model="8b", qps="10", p99="500ms", minimize="latency", budget="$50/h")
    path = path.format(offer=next(iter(facts.offers)))
    assert override(spec, facts, path, value).same_performance is False


def test_relative_price(facts):
    """All offers of every H100, and no other offer."""
    changed = override(SPEC, facts, "price.H100", "-10%").catalog
    names = set(facts.accelerator_names("H100"))
    assert len(names) > 1
    for name, offer in facts.offers.items():
        factor = 0.9 if offer.accelerator in names else 1.0
        assert changed.offers[name].usd_per_h == pytest.approx(offer.usd_per_h * factor)
    assert changed.accelerators is facts.accelerators


def test_absolute_price_is_per_accelerator(facts):
    changed = override(SPEC, facts, "price.H200", "$2.50/h").catalog
    for offer in changed.offers.values():
        if offer.accelerator in facts.accelerator_names("H200"):
            assert offer.usd_per_h == 2.5 * offer.node_accelerators


def test_stock_of_one_offer(facts):
    name = next(n for n in facts.offers if n.count(".") >= 1)  # dots in names are no path
    changed = override(SPEC, facts, f"stock.{name}", "3").catalog
    assert changed.offers[name].stock == 3
    assert sum(changed.offers[n] != facts.offers[n] for n in facts.offers) == 1


def test_a_figure_of_an_accelerator(facts):
    changed = override(SPEC, facts, "accelerator.H200.memory_bandwidth_gb_per_s", "+20%").catalog
    for name in facts.accelerator_names("H200"):
        today = facts.accelerators[name].memory_bandwidth_gb_per_s
        assert changed.accelerators[name].memory_bandwidth_gb_per_s == pytest.approx(1.2 * today)
    absolute = override(SPEC, facts, "accelerator.H200.tdp_w", "600").catalog
    assert {absolute.accelerators[n].tdp_w for n in facts.accelerator_names("H200")} == {600}


def test_more_memory_is_more_memory_to_use(facts):
    """What programs can use was read beside what the label says; both change together."""
    changed = override(SPEC, facts, "accelerator.H100.memory_gb", "+50%").catalog
    for name in facts.accelerator_names("H100"):
        today = facts.accelerators[name].memory_bytes
        assert changed.accelerators[name].memory_bytes == pytest.approx(1.5 * today)
    label = facts.accelerators["H100 80GB SXM5"].memory_gb
    twice = override(SPEC, facts, "accelerator.H100 80GB SXM5.memory_gb", str(2 * label)).catalog
    today = facts.accelerators["H100 80GB SXM5"].memory_bytes
    assert twice.accelerators["H100 80GB SXM5"].memory_bytes == pytest.approx(2 * today)


@pytest.mark.parametrize(
    ("path", "value", "hint"),
    [
        ("qpss", "1", "did you mean qps?"),
        ("head-room", "1%", "did you mean headroom?"),
        ("prices.H100", "1", "did you mean price.NAME?"),
        ("zzz", "1", "cannot vary 'zzz'; a key of a spec"),
        ("price.H1000", "-10%", "unknown accelerator"),
        ("price.", "-10%", "of what? Write it like price.NAME"),
        ("price", "-10%", "of what? Write it like price.NAME"),
        ("price.H100", "10", "not dollars per time"),
        ("price.H100", "10%", "+10%"),
        ("price.H100", "-101%", "below zero"),
        ("stock.nobody", "1", "unknown offer"),
        ("accelerator.H100.memory", "80", "did you mean memory_"),
        ("accelerator.H100.colour", "80", "no figure 'colour'"),
        ("accelerator.H100.name", "X", "no figure 'name'"),
        ("accelerator.H100.aliases", "X", "no figure 'aliases'"),
        ("accelerator.H100.source", "X", "no figure 'source'"),
        ("accelerator.H100.tdp_w", "many", "tdp_w"),
        ("accelerator.H100.tdp_w", "-5", "tdp_w"),
        ("accelerator.H100.tdp_w", "-100%", "tdp_w"),
        ("accelerator.H100.scale_up_domain", "+10%", "scale_up_domain"),
        ("accelerator.A100.fp8_tflops", "+10%", "no fp8_tflops to change"),
        ("accelerator", "5", "Write it like accelerator.NAME.FIELD"),
        ("qps", "NaN", "not a number"),
        ("p99", "200", "no unit"),
    ],
)
def test_refuses_with_one_line(path, value, hint, facts):
    with pytest.raises((SpecError, CatalogError)) as error:
        override(SPEC, facts, path, value)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "", "+10%", "²"])
def test_stock_is_a_whole_number(value, facts):
    with pytest.raises(SpecError, match="whole number"):
        override(SPEC, facts, f"stock.{next(iter(facts.offers))}", value)
