"""`--single` with pools of their own: one kind of node in each."""

from dataclasses import replace

import pytest

import catalog
from recommender.audit import limits
from recommender.request.spec import Spec


@pytest.fixture(scope="module")
def asked():
    from recommender import recommend

    spec = Spec(
        model="70b", qps="20", p99="2s", gpu="H100", precision="fp8", redundancy="none",
        single=True, disaggregate="only", fast=True,
    )  # fmt: skip
    return spec, recommend(spec, front=False, explain=False)


def finding(plan, spec):
    found = limits.findings(plan, spec, catalog.load())
    return next(f for f in found if f.promise == "one deployment only")


def test_one_kind_in_each_pool_is_one_deployment_only(asked):
    spec, plan = asked
    assert plan.pools is not None and len(plan.placements) == 2
    found = finding(plan, spec)
    assert found.holds and found.rederived == 1


def test_two_kinds_in_one_pool_are_not(asked):
    spec, plan = asked
    more = replace(plan, placements=(*plan.placements, plan.placements[0]))
    found = finding(more, spec)
    assert not found.holds and found.rederived == 2
