"""The spec: what can be asked, what contradicts itself, and that a saved spec reads back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec

ASKED = {"model": "8b", "qps": "10", "p99": "500ms"}


def spec(**values):
    return Spec.model_validate({**ASKED, **values})


def refusal(**values):
    raw = {key: value for key, value in {**ASKED, **values}.items() if value is not None}
    with pytest.raises(ValidationError) as error:
        Spec.model_validate(raw)
    return str(error.value)


def test_engine_units():
    asked = spec(
        qps="2kqps",
        budget="$2M/yr",
        power="1.5MW",
        headroom="35%",
        isl="8k",
        min_bandwidth="3.35TB/s",
        time_limit="2min",
    )
    assert asked.qps == 2000  # requests/s
    assert asked.p99 == 0.5  # s
    assert asked.budget == pytest.approx(2e6 / 8760)  # $/h
    assert asked.power == 1.5e6  # W
    assert asked.headroom == 0.35
    assert asked.isl == 8000  # tokens
    assert asked.min_bandwidth == 3.35e12  # B/s
    assert asked.time_limit == 120  # s


def test_defaults_are_those_of_the_contract():
    asked = spec()
    assert (asked.workload, asked.engine, asked.minimize) == ("chat", "vllm", "cost")
    assert (asked.confidence, asked.headroom, asked.redundancy) == (0.8, 0.2, "n+1")
    assert (asked.offers, asked.terms, asked.max_quality_loss) == ("default", ("on_demand",), 0.01)


@pytest.mark.parametrize(("text", "losses"), [("none", 0), ("n+1", 1), ("n+2", 2), ("n+3", 3)])
def test_redundancy_counts_the_nodes_that_may_be_lost(text, losses):
    assert spec(redundancy=text).failures == losses


@pytest.mark.parametrize(
    "values",
    [
        {"qps": "1e30"},
        {"qps": "0"},
        {"qps": "-5"},
        {"qps": "NaN"},
        {"qps": "0.0001"},
        {"p99": "200"},
        {"p99": "1us"},
        {"p99": "-1ms"},
        {"p99": "25h"},
        {"p99": None, "e2e_p99": "1us"},
        {"isl": "0.5"},
        {"isl": "3M"},
        {"osl": "0"},
        {"headroom": "0.2"},
        {"headroom": "-1%"},
        {"confidence": "49%"},
        {"confidence": "100%"},
        {"budget": "500"},
        {"budget": "$0/h"},
        {"power": "100"},
        {"max_accelerators": "0"},
        {"max_nodes": "-1"},
        {"max_types": "1.5"},
        {"burstiness": "0"},
        {"burstiness": "NaN"},
        {"burstiness": "inf"},
        {"redundancy": "n+9"},
        {"minimize": "beauty"},
        {"minimize": "cost,,power"},
        {"offers": "some"},
        {"time_limit": "60"},
        {"fast": "perhaps"},
        {"colour": "red"},
        {"model": None},
        {"qps": None},
    ],
)
def test_refuses(values):
    refusal(**values)


@pytest.mark.parametrize(
    ("name", "value", "same"),
    [
        ("redundancy", "N+1", "n+1"),
        ("redundancy", "None", "none"),
        ("offers", "ALL", "all"),
        ("cooling", "Air", "air"),
        ("share", "MIG", "mig"),
        ("disaggregate", "Never", "never"),
        ("survive", "Zone,ZONE,Rack", ("zone", "rack")),
    ],
)
def test_words_in_any_case(name, value, same):
    assert getattr(spec(**{name: value}), name) == same


def test_conflicting_targets():
    assert "give one of the two" in refusal(ttft_p99="100ms")


def test_a_latency_target_is_needed():
    assert "no latency target" in refusal(p99=None)


def test_latency_needs_a_limit_to_minimise_within():
    assert "--budget" in refusal(minimize="latency")
    for limit in ({"budget": "$5/h"}, {"power": "1MW"}, {"max_accelerators": "8"}):
        assert spec(minimize="latency", **limit).minimize == "latency"


def test_immutable():
    with pytest.raises(ValidationError):
        spec().qps = 5.0


@pytest.mark.parametrize("given_as", ["H100,L40S", "H100, L40S", " H100 ,L40S ", ["H100", "L40S"]])
def test_lists_of_names(given_as):
    assert spec(gpu=given_as).gpu == ("H100", "L40S")


positive = st.floats(1e-2, 1e6)
WRITTEN = st.fixed_dictionaries(
    {"qps": positive.map(lambda x: f"{x!r}")},
    optional={
        "ttft_p99": st.floats(1, 1e6).map(lambda x: f"{x!r}ms"),
        "tpot_p99": st.floats(1, 1e6).map(lambda x: f"{x!r}ms"),
        "itl_p99": st.floats(1, 1e6).map(lambda x: f"{x!r}ms"),
        "budget": positive.map(lambda x: f"${x!r}/mo"),
        "power": positive.map(lambda x: f"{x!r}kW"),
        "isl": st.floats(1, 1e5).map(lambda x: f"{x!r}"),
        "headroom": st.floats(0, 100).map(lambda x: f"{x!r}%"),
        "confidence": st.floats(50, 99).map(lambda x: f"{x!r}%"),
        "min_bandwidth": positive.map(lambda x: f"{x!r}GB/s"),
        "max_nodes": st.integers(1, 10**6),
        "burstiness": st.floats(0.1, 20),
        "redundancy": st.sampled_from(["none", "n+1", "n+2", "n+3"]),
        "gpu": st.lists(st.sampled_from(["H100", "!L4", "A100"]), max_size=3),
        "fast": st.booleans(),
    },
)


@given(WRITTEN)
def test_a_saved_spec_reads_back(values):
    """Written with 12 digits: equal to that, and the second writing is the first, letter by
    letter."""
    asked = Spec.model_validate({"model": "8b", "e2e_p99": "30s", **values})
    written = json.loads(json.dumps(asked.model_dump(mode="json", exclude_none=True)))
    again = make_spec(written)
    assert again.model_dump(mode="json", exclude_none=True) == written
    for name in Spec.model_fields:
        before, after = getattr(asked, name), getattr(again, name)
        if isinstance(before, float):
            assert after == pytest.approx(before, rel=1e-11)
        else:
            assert after == before
