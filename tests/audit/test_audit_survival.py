"""Survival: what is left when the worst k nodes are gone equals the least over all choices.

A group is lost with any one of its nodes, so the nodes of a spanning replica count one by one in
the brute force: k nodes are chosen out of all of them.
"""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.audit.survival import capacity_after_losses, findings
from recommender.plan import Placement, Plan

NAMES = ("d1", "d2", "d3")


@pytest.fixture(scope="session")
def template(planned):
    """A deployment to copy: only its name, dp and largest rate matter here."""
    return planned("8b")[0].deployments[0]


def plan_of(template, per_replica, placements):
    """A plan of these placements: (groups, nodes per group, replicas per deployment)."""
    rates = dict(zip(NAMES, per_replica, strict=True))
    dp = {n: sum(g * r.get(n, 0) for g, _, r in placements) for n in NAMES}
    deployments = tuple(
        replace(template, name=n, dp=dp[n], max_requests_per_s=dp[n] * rates[n])
        for n in NAMES
        if dp[n]
    )
    parts = tuple(
        Placement(
            offer=f"o{i}",
            groups=groups,
            nodes_per_group=nodes,
            replicas=replicas,
            requests_per_s=sum(rates[n] * c for n, c in replicas.items()),
        )
        for i, (groups, nodes, replicas) in enumerate(placements)
    )
    return Plan(
        status="optimal", proof="", spec={}, model="m", deployments=deployments, placements=parts
    )


def least_left(per_replica, placements, losses):
    """Brute force: every set of `losses` nodes is taken away."""
    rates = dict(zip(NAMES, per_replica, strict=True))
    groups = [
        (nodes, sum(rates[n] * c for n, c in replicas.items()))
        for count, nodes, replicas in placements
        for _ in range(count)
    ]
    nodes = [index for index, (size, _) in enumerate(groups) for _ in range(size)]
    return min(
        sum(rate for index, (_, rate) in enumerate(groups) if index not in {nodes[i] for i in lost})
        for lost in combinations(range(len(nodes)), min(losses, len(nodes)))
    )


placements = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from([1, 1, 2]),
        st.dictionaries(st.sampled_from(NAMES), st.integers(1, 4), min_size=1, max_size=2),
    ),
    min_size=1,
    max_size=3,
)
rates = st.tuples(*[st.integers(1, 40).map(lambda x: x / 4)] * 3)


@settings(deadline=None)
@given(rates, placements, st.integers(0, 3))
def test_equals_brute_force(template, per_replica, parts, losses):
    plan = plan_of(template, per_replica, parts)
    left = capacity_after_losses(plan, losses)
    assert left == pytest.approx(least_left(per_replica, parts, losses), abs=1e-9)


def test_on_paper(template):
    """Two nodes of 4 x 2/s and one of 3 x 5/s, 31/s in all: without the 15/s node 16/s are left,
    without the next one 8/s, then nothing."""
    plan = plan_of(template, (2.0, 5.0, 1.0), [(2, 1, {"d1": 4}), (1, 1, {"d2": 3})])
    assert [capacity_after_losses(plan, k) for k in range(5)] == [31, 16, 8, 0, 0]


def test_replicas_that_share_a_node_are_lost_together(template, planned):
    """Eleven replicas of 10/s, four to a node: 110/s up, 70/s with a node down, not 100/s."""
    plan = plan_of(template, (10.0, 1.0, 1.0), [(2, 1, {"d1": 4}), (1, 1, {"d1": 3})])
    assert capacity_after_losses(plan, 1) == 70
    spec = planned("8b")[1].model_copy(update={"qps": 100.0})
    (finding,) = findings(plan, spec)
    assert (finding.stated, finding.rederived, finding.holds) == (100, 70, False)


def test_one_unit_either_side(template, planned):
    plan = plan_of(template, (10.0, 1.0, 1.0), [(3, 1, {"d1": 4})])  # 80/s are left
    spec = planned("8b")[1]
    for qps, holds in ((79.9, True), (80.0, True), (80.1, False)):
        (finding,) = findings(plan, spec.model_copy(update={"qps": qps}))
        assert finding.holds is holds


def test_without_redundancy_nothing_is_promised(template, planned):
    plan = plan_of(template, (10.0, 1.0, 1.0), [(1, 1, {"d1": 1})])
    spec = planned("8b")[1].model_copy(update={"redundancy": "none"})
    assert list(findings(plan, spec)) == []
