"""Sizes serve the next request exactly where it would be sized alike."""

import numpy as np
import pytest

from recommender import Spec, recommend
from recommender.enumeration.known_sizes import NO_MATTER, KnownSizes
from recommender.enumeration.of_models import enumerate_models
from recommender.request.request import resolve

ASKED = {"model": "8b", "qps": "20", "ttft_p99": "500ms", "gpu": "L40S", "fast": True}
OTHER = {
    "qps": {"qps": "70"},
    "p99": {"ttft_p99": None, "p99": "300ms"},
    "ttft_p99": {"ttft_p99": "300ms"},
    "tpot_p99": {"tpot_p99": "40ms"},
    "e2e_p99": {"e2e_p99": "20s"},
    "budget": {"budget": "$50/h"},
    "power": {"power": "20kW"},
    "horizon": {"horizon": "3yr"},
    "headroom": {"headroom": "0%"},
    "redundancy": {"redundancy": "none"},
    "minimize": {"minimize": "power"},
    "fast": {"fast": False},
    "time_limit": {"time_limit": "20s"},
}
SIZED_ANEW = {
    "itl_p99": "30ms",
    "slo": ["itl p99 <= 30ms"],
    "workload": "code",
    "isl": 900,
    "osl": 90,
    "prefix_hit": "30%",
    "confidence": "50%",
    "max_quality_loss": "5%",
    "derate": "10%",
    "gpu": "L4",
    "precision": "bf16",
    "kv_precision": "fp8",
    "engine": "sglang",
    "speculative": "3:2.1",
    "share": "colocated",
    "offers": "all",
}


def request_of(facts, **changes):
    """ASKED with changes, resolved."""
    settings = {k: v for k, v in (ASKED | changes).items() if v is not None}
    return resolve(Spec.model_validate(settings), facts)


def same(one, other):
    """Whether two enumerations hold the same layouts, laws and rejections."""
    laws = (one.table.law, other.table.law)
    return (
        one.table.layouts == other.table.layouts
        and all(np.array_equal(getattr(laws[0], n), getattr(laws[1], n)) for n in ("a", "b", "d"))
        and np.array_equal(one.table.kv_bytes, other.table.kv_bytes)
        and one.rejections.counts == other.rejections.counts
        and one.market == other.market
    )


def test_every_field_that_does_not_matter_is_tried():
    assert set(OTHER) == NO_MATTER


@pytest.mark.parametrize("field", OTHER)
def test_demand_and_limits_do_not_change_sizes(field, facts):
    known, other = KnownSizes(), request_of(facts, **OTHER[field])
    first = known.of(request_of(facts))
    assert known.of(other) is first
    assert same(first, enumerate_models(other))


@pytest.mark.parametrize("field", SIZED_ANEW)
def test_what_may_change_sizes_is_sized_anew(field, facts):
    known, other = KnownSizes(), request_of(facts, **{field: SIZED_ANEW[field]})
    first = known.of(request_of(facts))
    found = known.of(other)
    assert found is not first and same(found, enumerate_models(other))


def test_plans_on_known_sizes_are_those_without(facts):
    known = KnownSizes()
    for qps in ("20", "70", "20"):
        spec = Spec.model_validate(ASKED | {"qps": qps})
        with_them = recommend(spec, catalog=facts, front=False, explain=False, sizes=known)
        alone = recommend(spec, catalog=facts, front=False, explain=False)
        assert with_them.deployments == alone.deployments and with_them.totals == alone.totals
        assert with_them.funnel == alone.funnel
