"""What a day starts, by the audit's own count of groups, and what runs beside it meanwhile."""

from types import SimpleNamespace

import pytest

from recommender.audit.day import started
from recommender.audit.hand_over import findings

SHAPE = {
    "precision": "fp8", "kv_precision": "fp8", "tp": 1, "pp": 1, "adp": 1, "ep": 1,
    "max_batch": 64, "chunk_tokens": 2048, "engine": "vllm", "sharing": "",
    "instances_per_accelerator": 1, "pool": "",
}  # fmt: skip
CLOUD = {"terms": "on_demand", "usd_per_h": 2.0, "nameplate_power_w": 1e4, "node_accelerators": 8}


def catalog(stock=None):
    return SimpleNamespace(offers={"cloud": SimpleNamespace(stock=stock, **CLOUD)})


CATALOG = catalog()


def period(**groups):
    """Model -> groups of one node; names of deployments start anew."""
    deployments = tuple(
        SimpleNamespace(name=f"d{i}", model=model, **SHAPE) for i, model in enumerate(groups)
    )
    placements = tuple(
        SimpleNamespace(offer="cloud", zone="", replicas={d.name: 8}, groups=n, nodes_per_group=1)
        for d, n in zip(deployments, groups.values(), strict=True)
    )
    nodes = (SimpleNamespace(offer="cloud", nodes=sum(groups.values())),)
    return SimpleNamespace(deployments=deployments, placements=placements, nodes=nodes)


def test_groups_of_two_models_are_two_kinds():
    """3 of a by night; by day 1 of a, 4 of b: all 4 are started, and 2 of a again at night."""
    plan = SimpleNamespace(periods=(period(a=3), period(b=4, a=1)))
    assert [nodes for _, nodes in started(plan, 1, CATALOG)] == [4]
    assert [nodes for _, nodes in started(plan, 0, CATALOG)] == [2]


UNLIMITED = {"power": None, "max_accelerators": None, "max_nodes": None}


@pytest.mark.parametrize(
    ("limit", "enough", "too_few"),
    [("max_nodes", 7, 6), ("max_accelerators", 56, 55), ("power", 7e4, 6.9e4)],
)
def test_nodes_that_start_run_beside_those_before(limit, enough, too_few):
    """3 run by night, 5 by day; while the day's 4 start, 3 + 4 run, and then 5 + 2."""
    plan = SimpleNamespace(periods=(period(a=3), period(b=4, a=1)))
    for value, right in ((enough, True), (too_few, False)):
        spec = SimpleNamespace(start_up=600.0, **(UNLIMITED | {limit: value}))
        assert [f.holds for f in findings(plan, spec, CATALOG)] == [right]


def test_a_stock_holds_both_fleets():
    plan = SimpleNamespace(periods=(period(a=3), period(b=4, a=1)))
    spec = SimpleNamespace(start_up=600.0, **UNLIMITED)
    assert [f.holds for f in findings(plan, spec, catalog(stock=7))] == [True]
    assert [f.holds for f in findings(plan, spec, catalog(stock=6))] == [False]


def test_what_starts_at_once_is_looked_at_by_periods():
    plan = SimpleNamespace(periods=(period(a=3), period(b=4, a=1)))
    spec = SimpleNamespace(start_up=None, **(UNLIMITED | {"max_nodes": 5}))
    assert list(findings(plan, spec, CATALOG)) == []
